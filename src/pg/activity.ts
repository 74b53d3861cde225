/** What a session of the server does and who stands in its way, asked of another session. */

import type { Blocker } from "../core/blocker.ts";
import { quoteLiteral, type TableName } from "../core/identifier.ts";
import type { ProgressRow, ServerWork } from "../core/server-work.ts";
import { progressViews, serverWork } from "../core/server-work.ts";
import { shownQuery } from "../core/shown-query.ts";
import type { Row, Session } from "./session.ts";

export interface Activity {
  /** Empty while the session waits for nobody. */
  readonly blockers: readonly Blocker[];
  /** Undefined where the server tells of no progress. */
  readonly work: ServerWork | undefined;
  /** Whether it runs what fails, after five seconds, while anybody else is in the database. */
  readonly wantsToBeAlone: boolean;
}

/** Characters that are asked for: more than is shown, since comments and blanks are dropped. */
const longestQuery = 2_000;

/** What the server puts in the place of a query that the role may not see. */
const hiddenQuery = "<insufficient privilege>";

/** Of a session of the same role; nothing where there is no such session. */
export async function readActivity(session: Session, pid: number): Promise<Activity> {
  const rows = await session.rows(activitySql(pid));
  return {
    blockers: rows.filter((row) => typeof row["pid"] === "number").map(blockerOf),
    work: workOf(rows[0]),
    wantsToBeAlone: rows[0]?.["wants_to_be_alone"] === true,
  };
}

/**
 * Who keeps everybody else from reading a table, or waits to do so in front of them; seen by
 * the one who came in vain, since a session that waits can ask nothing.
 */
export async function readLockers(
  session: Session,
  table: TableName,
): Promise<readonly Blocker[]> {
  const rows = await session.rows(`
    select b.pid, ${blockerColumns}
      from (select coalesce(l.pid, 0) as pid, l.virtualtransaction
              from pg_catalog.pg_locks l
              join pg_catalog.pg_class c on c.oid = l.relation
              join pg_catalog.pg_namespace n on n.oid = c.relnamespace
              join pg_catalog.pg_database d on d.oid = l.database
             where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock'
               and d.datname = pg_catalog.current_database()
               and n.nspname = ${quoteLiteral(table.schema)}
               and c.relname = ${quoteLiteral(table.table)}
             order by l.granted desc) b
      left join (${preparedXacts}) x on b.pid = 0 and x.virtualtransaction = b.virtualtransaction
      left join pg_catalog.pg_stat_activity a on a.pid = b.pid`);
  return rows.map(blockerOf);
}

/** One row for each blocker, with the work in each; one row where nobody is in the way. */
function activitySql(pid: number): string {
  return `
    select w.view, w.progress, b.pid, ${blockerColumns},
           me.state = 'active' and me.query ~* 'create\\s+database' as wants_to_be_alone
      from pg_catalog.pg_stat_activity me
      left join (${workSql}) w on w.pid = me.pid
      left join lateral (
             select distinct p.pid
               from pg_catalog.unnest(${blockingPids}) p(pid)) b on true
      left join lateral (${preparedSql(pid)}) x on true
      left join pg_catalog.pg_stat_activity a on a.pid = b.pid
     where me.pid = ${pid} and me.datname = pg_catalog.current_database()`;
}

/** Of a session `a`, or of a prepared transaction `x`. */
const blockerColumns = `
           x.gid, a.pid is not null as is_there, coalesce(x.owner, a.usename)::text as usename,
           a.application_name, a.backend_type, pg_catalog.host(a.client_addr) as address, a.state,
           (extract(epoch from pg_catalog.clock_timestamp()
             - coalesce(x.prepared, a.xact_start, a.state_change)) * 1000)::float8 as age_ms,
           pg_catalog."left"(a.query, ${longestQuery}) as query`;

/** The function stops all locking for an instant: it is called only while there is a wait. */
const blockingPids =
  "case when me.wait_event_type = 'Lock' then pg_catalog.pg_blocking_pids(me.pid) end";

/** What holds a prepared transaction's locks is called by a name that only its own lock tells. */
const preparedXacts = `
           select t.gid, t.owner, t.prepared, l.virtualtransaction
             from pg_catalog.pg_prepared_xacts t
             join pg_catalog.pg_locks l on l.locktype = 'transactionid' and l.pid is null
                  and l.granted and l.transactionid = t.transaction`;

/** Who prepared what the session waits for; asked only where such a transaction is in the way. */
function preparedSql(pid: number): string {
  const same = [
    "locktype", "database", "relation", "page", "tuple", "virtualxid", "transactionid", "classid",
    "objid", "objsubid",
  ].map((column) => `h.${column} is not distinct from q.${column}`);
  return `
    select t.gid, t.owner, t.prepared
      from pg_catalog.pg_locks q
      join pg_catalog.pg_locks h on h.granted and h.pid is null and ${same.join(" and ")}
      join (${preparedXacts}) t on t.virtualtransaction = h.virtualtransaction
     where b.pid = 0 and q.pid = ${pid} and not q.granted`;
}

/** A row as it is: versions differ in its columns. */
const workSql = progressViews
  .map(
    (view) =>
      `select '${view}' as view, p.pid, pg_catalog.row_to_json(p)::text as progress ` +
      `from pg_catalog.pg_stat_progress_${view} p`,
  )
  .join("\n        union all ");

function workOf(row: Row | undefined): ServerWork | undefined {
  const view = progressViews.find((name) => name === row?.["view"]);
  const progress = row?.["progress"];
  if (view === undefined || typeof progress !== "string") return undefined;
  return serverWork(view, JSON.parse(progress) as ProgressRow);
}

function blockerOf(row: Row): Blocker {
  const query = text(row["query"]);
  const isHidden = query === hiddenQuery;
  const isSession = row["pid"] !== 0;
  return {
    pid: Number(row["pid"]),
    prepared: text(row["gid"]),
    seen: isSession && row["is_there"] === false ? "gone" : isHidden ? "part" : "whole",
    user: text(row["usename"]),
    application: text(row["application_name"]) ?? processKind(row),
    address: text(row["address"]),
    state: text(row["state"]),
    ageMs: typeof row["age_ms"] === "number" ? row["age_ms"] : undefined,
    query: query === undefined || isHidden ? undefined : shownQuery(query),
  };
}

/** Of a session without a user, which is one of the server's own: what it is, if that shows. */
function processKind(row: Row): string | undefined {
  if (row["is_there"] !== true || typeof row["usename"] === "string") return undefined;
  return text(row["backend_type"]) ?? "a process of the server's own, such as autovacuum";
}

function text(value: unknown): string | undefined {
  return typeof value === "string" && value !== "" ? value : undefined;
}
