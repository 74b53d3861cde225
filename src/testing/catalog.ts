/** A database as text: one line for each thing in it, so that two can be compared. */
import type { TestServer } from "./servers.ts";

export interface Catalog {
  /** Schemas, tables with columns and rows, indexes, constraints, functions, types, triggers. */
  readonly objects: readonly string[];
  /** The same of the ledger: of its columns only the version, no rows. */
  readonly ledger: readonly string[];
  /** Undefined where there is no ledger; of all tables of that name, if there are several. */
  readonly versions: readonly string[] | undefined;
}

/** Undefined where there is no such database. `ledger` is the table's name, in any schema. */
export async function catalog(
  server: TestServer,
  database: string,
  ledger: string,
): Promise<Catalog | undefined> {
  const found = await server.query(database, catalogSql, [ledger]).catch((error: unknown) => {
    if (error instanceof Error && "code" in error && error.code === "3D000") return undefined;
    throw error;
  });
  if (found === undefined) return undefined;
  const lines = (kind: string): readonly string[] => {
    return found.filter((row) => row["kind"] === kind).map((row) => String(row["line"]));
  };
  return {
    objects: lines("object"),
    ledger: lines("ledger"),
    versions: lines("ledger").length === 0 ? undefined : lines("version"),
  };
}

/** A table beside the ledger may keep the progress of unfinished steps: it is the ledger's. */
const catalogSql = `
with spaces as (
  select oid, nspname from pg_namespace
   where nspname !~ '^pg_' and nspname <> 'information_schema'
), relations as (
  select c.oid, c.relkind, format('%I.%I', s.nspname, c.relname) as name,
         case when c.relname = $1 then 'ledger' else 'object' end as kind
    from pg_class c join spaces s on s.oid = c.relnamespace
   where c.relname <> $1 || '_progress'
), lines as (
  select 'object' as kind, format('schema %I', nspname) as line from spaces
  union all
  select kind, format('relation %s (%s)%s', name, relkind,
           (select string_agg(format(' %I %s%s%s', a.attname, format_type(a.atttypid, a.atttypmod),
                     case when a.attnotnull then ' not null' else '' end,
                     coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')),
                     ',' order by a.attnum)
              from pg_attribute a left join pg_attrdef d on (d.adrelid, d.adnum) = (oid, a.attnum)
             where a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
               and (kind = 'object' or a.attname = 'version')))
    from relations r where relkind in ('r', 'p', 'v', 'm', 'S', 'c')
  union all
  select 'version', v
    from relations r, unnest(xpath('//version/text()', query_to_xml(
           format('select version::text as version from %s', name), false, false, ''))::text[]) v
   where kind = 'ledger'
     and exists (select from pg_attribute a where attrelid = r.oid and attname = 'version')
  union all
  select kind, format('rows %s %s', name, (xpath('string(/)', query_to_xml(
           format('select string_agg(r::text, '' '' order by r::text) from %s r', name),
           true, true, '')))[1])
    from relations where relkind in ('r', 'p', 'm') and kind = 'object'
  union all
  select kind, format('index %s%s', pg_get_indexdef(i.indexrelid),
           case when i.indisvalid then '' else ' INVALID' end)
    from pg_index i join relations r on r.oid = i.indrelid
  union all
  select kind, format('constraint %s %s %s', name, conname, pg_get_constraintdef(c.oid))
    from pg_constraint c join relations r on r.oid = c.conrelid where c.contype <> 'n'
  union all
  select 'object', format('function %I.%I(%s) %s', s.nspname, p.proname,
           pg_get_function_identity_arguments(p.oid), to_json(p.prosrc))
    from pg_proc p join spaces s on s.oid = p.pronamespace
  union all
  select 'object', format('enum %I.%I %s', s.nspname, t.typname,
           (select string_agg(enumlabel, ',' order by enumsortorder) from pg_enum
             where enumtypid = t.oid))
    from pg_type t join spaces s on s.oid = t.typnamespace where t.typtype = 'e'
  union all
  select kind, format('trigger %s %s', name, pg_get_triggerdef(t.oid))
    from pg_trigger t join relations r on r.oid = t.tgrelid where not t.tgisinternal
)
select kind, line from lines order by line collate "C"`;
