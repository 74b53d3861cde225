/** Loads a schema file into the database, and looks beforehand at what that database holds. */

import { quoteLiteral } from "../core/identifier.ts";
import type { Range } from "../core/migration.ts";
import type { SchemaFile } from "../core/schema-file.ts";
import { sessionTimeoutsSql, type Timeouts, timeoutsSql } from "../core/timeouts.ts";
import { unitsIn } from "../core/unit.ts";
import { withoutTimeouts } from "./lifted-timeouts.ts";
import type { RunLock } from "./lock.ts";
import { Sender, type SenderContext } from "./sender.ts";
import type { Session } from "./session.ts";
import type { StepFailure } from "./step-failure.ts";

export interface LoadRequest {
  readonly context: SenderContext & {
    readonly lock: Pick<RunLock, "checkSql">;
    readonly timeouts: Timeouts;
  };
  /** What the server's lists and logs show of each message first. */
  readonly title: string;
  readonly file: SchemaFile;
  /** Statements that are not sent. */
  readonly leftOut: readonly Range[];
  /** What is known so far of how far it came; kept up to date for when something is thrown. */
  readonly progress: LoadProgress;
}

export interface LoadProgress {
  /** Units that are committed and stay. */
  unitsDone: number;
  /** Whether the one commit of the whole is on its way, so that a loss leaves it open. */
  commitSent: boolean;
}

/** Without it `{NULL}` is a text, which a role may have set so. */
const arraySetting = "array_nulls = on";

/** pg_dump writes values of type money as the locale C shows them. */
const moneySetting = "lc_monetary = 'C'";

/**
 * Before 18 a parallel worker that builds an index does not see what the same transaction has
 * made, and fails where a default table access method is among it.
 */
const workerSetting = "max_parallel_maintenance_workers = 0";

/**
 * In one transaction where that can be. Undefined when all went well. Throws `connect-lost`,
 * `lock-lost`, `file-changed`, `interrupted`.
 */
export async function loadSchemaFile(request: LoadRequest): Promise<StepFailure | undefined> {
  try {
    return request.file.units === undefined
      ? await loadWhole(request)
      : await loadUnits(request);
  } catch (error) {
    // What was sent of a transaction must not meet a later commit.
    const { session } = request.context;
    if (!session.isLost && session.transactionState !== "I") await session.send("rollback");
    throw error;
  }
}

async function loadWhole(request: LoadRequest): Promise<StepFailure | undefined> {
  const { context, file, leftOut } = request;
  const { start, end } = file.range;
  const sender = new Sender(context, request.title);
  for (const sql of ["begin", context.lock.checkSql, "commit"]) sender.own("lock", sql);
  sender.own("begin", "begin");
  for (const sql of timeoutsSql(context.timeouts, undefined)) sender.own("begin", sql);
  sender.own("begin", `set local ${moneySetting}`);
  sender.own("begin", `set local ${workerSetting}`);
  sender.own("begin", `set local ${arraySetting}`);
  const wrapper = [...file.wrapper, ...leftOut];
  const passages = [
    // By itself: what it sets, such as standard_conforming_strings, is how the rest is read.
    { start, end: file.preambleEnd },
    { start: file.preambleEnd, end },
  ];
  for (const range of passages) {
    const passage = { range, wrapper, timeouts: {}, within: "transaction" } as const;
    const failure = (await sender.section(passage)) ?? (await sender.flush());
    if (failure !== undefined) return failure;
  }
  sender.own("constraints", "set constraints all immediate");
  const failure = await sender.flush();
  if (failure !== undefined) return failure;
  // By itself: as long as it has not been sent, it is known that nothing was kept.
  sender.own("commit", "commit");
  request.progress.commitSent = true;
  return sender.flush();
}

async function loadUnits(request: LoadRequest): Promise<StepFailure | undefined> {
  const { context, file, leftOut, progress } = request;
  const sender = new Sender(context, request.title);
  for (const sql of ["begin", context.lock.checkSql, "commit"]) sender.own("lock", sql);
  for (const sql of sessionTimeoutsSql(context.timeouts, undefined)) sender.own("begin", sql);
  sender.own("begin", `set ${moneySetting}`);
  sender.own("begin", `set ${arraySetting}`);
  const unready = await sender.flush();
  if (unready !== undefined) return unready;
  const whole = { range: file.range, transactional: false };
  let number = 0;
  for (const { range, command, concurrent } of unitsIn(whole, context.read)) {
    number += 1;
    const send = async (): Promise<StepFailure | undefined> => {
      const passage = { range, wrapper: leftOut, timeouts: {}, within: "nothing" } as const;
      return (await sender.section(passage)) ?? (await sender.flush());
    };
    const failure = concurrent ? await withoutTimeouts(context.session, send) : await send();
    if (failure !== undefined) {
      return { ...failure, unitsDone: progress.unitsDone, unit: { number, command } };
    }
    progress.unitsDone += 1;
  }
  return undefined;
}

/** Which of these settings the server has never heard of; one with a dot may be anybody's. */
export async function unknownSettings(
  session: Session,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const list = names.map((name) => `(${quoteLiteral(name)}::text)`).join(", ");
  const rows = await session.rows(
    `select s.name from (values ${list}) as s (name)
      where pg_catalog.pg_settings_get_flags(s.name) is null
        and pg_catalog.strpos(s.name, '.') = 0`,
  );
  return new Set(rows.map((row) => String(row["name"])));
}

export async function schemaExists(session: Session, name: string): Promise<boolean> {
  const rows = await session.rows(
    `select 1 as found from pg_catalog.pg_namespace where nspname = ${quoteLiteral(name)}`,
  );
  return rows.length > 0;
}

export interface FoundObjects {
  readonly count: number;
  /** A few of them, as in `table public.users`. */
  readonly names: readonly string[];
}

/** What somebody made in this database: neither the server's, nor an extension's, nor passing. */
export async function foundObjects(session: Session): Promise<FoundObjects> {
  const rows = await session.rows(foundObjectsSql);
  return {
    count: Number(rows[0]?.["total"] ?? 0),
    names: rows.map((row) => String(row["name"])),
  };
}

/** What the server makes for itself has smaller numbers. */
const firstNormalObject = 16384;

/** Tables come first: they are what one knows. Array and row types belong to something else. */
const foundObjectsSql = `
  with objects (class, oid, space, rank) as (
    select 'pg_class'::regclass, oid, relnamespace, case relkind when 'S' then 2 else 1 end
      from pg_class where relkind in ('r', 'p', 'v', 'm', 'f', 'S')
    union all
    select 'pg_type', t.oid, t.typnamespace, 3 from pg_type t
     where t.typtype in ('b', 'd', 'e', 'r')
       and not exists (select from pg_type e where e.typarray = t.oid)
        or exists (select from pg_class c where c.oid = t.typrelid and c.relkind = 'c')
    union all select 'pg_proc', oid, pronamespace, 4 from pg_proc
    union all
    select 'pg_namespace', n.oid, n.oid, 5 from pg_namespace n
     where n.nspname <> 'public'
       and not exists (select from pg_extension e where e.extnamespace = n.oid)
    union all select 'pg_operator', oid, oprnamespace, 6 from pg_operator
    union all select 'pg_opfamily', oid, opfnamespace, 6 from pg_opfamily
    union all select 'pg_collation', oid, collnamespace, 6 from pg_collation
    union all select 'pg_conversion', oid, connamespace, 6 from pg_conversion
    union all select 'pg_ts_config', oid, cfgnamespace, 6 from pg_ts_config
    union all select 'pg_ts_dict', oid, dictnamespace, 6 from pg_ts_dict
    union all select 'pg_foreign_data_wrapper', oid, null, 7 from pg_foreign_data_wrapper
    union all select 'pg_foreign_server', oid, null, 7 from pg_foreign_server
    union all select 'pg_event_trigger', oid, null, 7 from pg_event_trigger
    union all select 'pg_publication', oid, null, 7 from pg_publication
    union all select 'pg_cast', oid, null, 7 from pg_cast
  ), own as (
    select o.* from objects o left join pg_namespace n on n.oid = o.space
     where o.oid >= ${firstNormalObject}
       and (n.nspname is null or n.nspname !~ '^pg_')
       and not exists (select from pg_depend d
                        where (d.classid, d.objid) = (o.class, o.oid) and d.deptype = 'e')
  )
  select i.type || ' ' || i.identity as name, total
    from (select *, count(*) over () as total from own order by rank, oid limit 4) f,
         pg_identify_object(f.class, f.oid, 0) i
   order by f.rank, f.oid`;
