/** A session that stands in the way of ours, as far as the role may see it. */

import { roughDuration } from "./duration.ts";

export interface Blocker {
  /** 0 stands for a prepared transaction, which has no session. */
  readonly pid: number;
  readonly user: string | undefined;
  readonly application: string | undefined;
  /** Undefined for a local session too. */
  readonly address: string | undefined;
  /** As pg_stat_activity has it: `active`, `idle in transaction`. */
  readonly state: string | undefined;
  /** How long its transaction is open, in milliseconds. */
  readonly ageMs: number | undefined;
  /** Its query, or the last one it ran: shortened, literals blanked. */
  readonly query: string | undefined;
}

/** `pid 99 (user app, psql, from 10.0.0.7, idle in transaction for 40 s): select … from t`. */
export function describeBlocker(blocker: Blocker): string {
  if (blocker.pid === 0) return "a prepared transaction (pg_prepared_xacts lists them)";
  const { user, application, address, state, ageMs, query } = blocker;
  const facts: string[] = [];
  if (user !== undefined) facts.push(`user ${user}`);
  if (application !== undefined) facts.push(application);
  if (address !== undefined) facts.push(`from ${address}`);
  const since = ageMs === undefined ? "" : ` for ${roughDuration(ageMs)}`;
  if (state !== undefined) facts.push(`${state}${since}`);
  const known = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const said = query === undefined ? "" : `: ${query}`;
  return `pid ${blocker.pid}${known}${said}`;
}
