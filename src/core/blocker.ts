/** A session that stands in the way of ours, as far as the role may see it. */

import { roughDuration } from "./duration.ts";
import { quoteLiteral } from "./identifier.ts";

export interface Blocker {
  /** 0 stands for a prepared transaction, which has no session. */
  readonly pid: number;
  /** The name (GID) of a prepared transaction. */
  readonly prepared: string | undefined;
  /** "part" where the role may not see the rest, "gone" where the session has ended meanwhile. */
  readonly seen: "whole" | "part" | "gone";
  readonly user: string | undefined;
  /** What it calls itself; of a process of the server's own its kind: `autovacuum worker`. */
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
  const { pid, user, application, address, state, ageMs, query } = blocker;
  if (pid === 0) return describePrepared(blocker);
  if (blocker.seen === "gone") return `pid ${pid} (gone since)`;
  const facts: string[] = [];
  if (user !== undefined) facts.push(`user ${user}`);
  if (application !== undefined) facts.push(application);
  if (address !== undefined) facts.push(`from ${address}`);
  if (state !== undefined) facts.push(`${state}${age(ageMs)}`);
  if (blocker.seen === "part") facts.push("this role may not see more");
  const known = facts.length === 0 ? "" : ` (${facts.join(", ")})`;
  const said = query === undefined ? "" : `: ${query}`;
  return `pid ${pid}${known}${said}`;
}

/** What is to be done about it differs: its name is all that ends it. */
function describePrepared({ prepared, user, ageMs }: Blocker): string {
  if (prepared === undefined) return "a prepared transaction (pg_prepared_xacts lists them)";
  const owner = user === undefined ? "" : `user ${user}, `;
  return `the prepared transaction ${quoteLiteral(prepared)} (${owner}prepared${age(ageMs)})`;
}

function age(ms: number | undefined): string {
  return ms === undefined ? "" : ` for ${roughDuration(ms)}`;
}

/** The first `most` of them, and how many more there are; not for an empty list. */
export function describeBlockers(blockers: readonly Blocker[], most: number): string {
  const named = blockers.slice(0, most).map(describeBlocker);
  const more = blockers.length - named.length;
  return [...named, ...(more === 0 ? [] : [`and ${more} more`])].join("; ");
}

/** What ends it, where waiting is no way: a statement for somebody who may. */
export function endingSql({ pid, prepared }: Blocker): string {
  if (pid !== 0) return `select pg_terminate_backend(${pid})`;
  if (prepared === undefined) return "rollback prepared '…'";
  return `rollback prepared ${quoteLiteral(prepared)}`;
}
