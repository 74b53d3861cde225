/** The query that reads a schema, and the JSON that it answers with. */

import type { Row } from "./session.ts";

/** Everything is read by one query: of one moment, in one round trip. */
export interface CatalogJson {
  /** One. */
  readonly session: readonly SessionJson[];
  readonly relations: readonly RelationJson[];
  /** In no order. */
  readonly columns: readonly ColumnJson[];
  readonly types: readonly TypeJson[];
  /** Columns whose NOT NULL is not validated, as 18 has them: they may hold nulls. */
  readonly unproven: readonly (readonly [table: number, number: number])[];
  readonly constraints: readonly ConstraintJson[];
  readonly indexes: readonly IndexJson[];
  readonly domains: readonly DomainJson[];
  readonly functions: readonly (readonly [name: string, volatility: "v" | "s" | "i"])[];
}

export interface SessionJson {
  readonly serverMajor: number;
  readonly timeZone: string;
}

export interface RelationJson {
  readonly oid: number;
  readonly schema: string;
  readonly name: string;
  readonly kind: "r" | "p" | "v" | "m" | "S" | "f";
  /** Of the rows alone. */
  readonly pages: number;
  /** With what is stored beside them, by the last VACUUM or ANALYZE. */
  readonly bytes: number;
  /** Of tables that inherit from it and are no partitions: what is done to it is done to them. */
  readonly childBytes: number;
  /** Of the partitioned table it is part of. */
  readonly parent: number | null;
  readonly isDefault: boolean;
  readonly rowSecurity: boolean;
  readonly policies: readonly string[];
  /** Of a partitioned table its columns by their numbers, 0 for an expression. */
  readonly partitionKey: readonly number[];
  /** What the query of a view reads. */
  readonly reads: readonly number[];
  /** Columns that the query of a view or a rule of a table uses. */
  readonly readsColumns: readonly (readonly [relation: number, number: number])[];
  /** The table of a sequence. */
  readonly ownedBy: number | null;
}

/** Positions instead of keys, since there may be a hundred thousand of them. */
export type ColumnJson = readonly [
  table: number,
  number: number,
  name: string,
  type: number,
  /** atttypmod, and what format_type makes of it; null where there is none. */
  modifier: number,
  written: string | null,
  notNull: boolean,
  hasDefault: boolean,
  identity: boolean,
  generated: "" | "s" | "v",
];

/** `element` is 0 for what is no array. */
export type TypeJson = readonly [oid: number, schema: string, name: string, element: number];

export interface ConstraintJson {
  readonly table: number;
  readonly name: string;
  /** `n` only of those that are not validated, or have a name of their own. */
  readonly kind: "c" | "f" | "p" | "u" | "x" | "n";
  readonly validated: boolean;
  /** By their numbers. */
  readonly columns: readonly number[];
  readonly references: number | null;
  readonly referencedColumns: readonly number[];
  /** A check's expression as the server keeps it, if it holds IS NOT NULL. */
  readonly tree: string | null;
}

export interface IndexJson {
  readonly schema: string;
  readonly name: string;
  readonly table: number;
  /** By their numbers, 0 for an expression; those behind the `keys` are only kept along. */
  readonly columns: readonly number[];
  readonly keys: number;
  readonly unique: boolean;
  readonly valid: boolean;
  readonly partial: boolean;
}

export interface DomainJson {
  readonly schema: string;
  readonly name: string;
  readonly constrained: boolean;
  /** Whether its default calls a function whose value differs from call to call. */
  readonly volatile: boolean;
}

/**
 * It calls nothing that opens a relation: pg_get_constraintdef, pg_get_expr and pg_table_size
 * would wait behind whoever has locked one. Columns are neither sorted nor joined to what is looked
 * up more cheaply here: with 5,000 tables that is most of the time.
 */
const linesSql = `
with spaces as materialized (
  select oid, nspname from pg_namespace
   where nspname !~ '^pg_' and nspname <> 'information_schema'
), relations as materialized (
  select c.*, s.nspname from pg_class c join spaces s on s.oid = c.relnamespace
   where c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')
), policies as (
  select polrelid, json_agg(polname order by polname) as names from pg_policy group by polrelid
), readings as (
  select r.ev_class, json_agg(distinct d.refobjid::int8) as oids
    from pg_rewrite r
    join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                    and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
   where r.rulename = '_RETURN'
   group by r.ev_class
), column_readings as (
  select ev_class, json_agg(json_build_array(refobjid::int8, refobjsubid)) as columns
    from (select distinct r.ev_class, d.refobjid, d.refobjsubid
            from pg_rewrite r
            join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
                            and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0) used
   group by ev_class
), owners as (
  select d.objid, min(d.refobjid::int8) as refobjid
    from pg_depend d join relations s on s.oid = d.objid and s.relkind = 'S'
   where d.classid = 'pg_class'::regclass and d.refclassid = 'pg_class'::regclass
     and d.refobjsubid > 0 and d.deptype in ('a', 'i')
   group by d.objid
), inheritors as (
  with recursive below (inhparent, inhrelid) as (
    select inhparent, inhrelid from pg_inherits
    union
    select b.inhparent, i.inhrelid from below b join pg_inherits i on i.inhparent = b.inhrelid
  )
  select b.inhparent, sum(greatest(s.relpages, 0) + greatest(coalesce(x.relpages, 0), 0)) as pages
    from below b
    join pg_class s on s.oid = b.inhrelid
    left join pg_class x on x.oid = s.reltoastrelid
   group by b.inhparent
), session_lines as (
  select json_build_object('serverMajor', current_setting('server_version_num')::int / 10000,
                           'timeZone', current_setting('TimeZone')) as line
), relations_lines as (
  select json_build_object(
           'oid', c.oid::int8, 'schema', c.nspname, 'name', c.relname, 'kind', c.relkind::text,
           'pages', c.relpages,
           'bytes', (greatest(c.relpages, 0) + greatest(coalesce(t.relpages, 0), 0))::int8
                    * current_setting('block_size')::int8,
           'childBytes', coalesce(k.pages, 0)::int8 * current_setting('block_size')::int8,
           'parent', h.inhparent::int8, 'isDefault', d.partdefid is not null,
           'rowSecurity', c.relrowsecurity, 'policies', coalesce(p.names, '[]'),
           'partitionKey', coalesce(to_json(y.partattrs::int2[]), '[]'),
           'reads', coalesce(v.oids, '[]'), 'readsColumns', coalesce(u.columns, '[]'),
           'ownedBy', o.refobjid) as line
    from relations c
    left join pg_class t on t.oid = c.reltoastrelid
    left join inheritors k on k.inhparent = c.oid and c.relkind = 'r'
    left join pg_inherits h on h.inhrelid = c.oid and c.relispartition
    left join pg_partitioned_table d on d.partrelid = h.inhparent and d.partdefid = c.oid
    left join policies p on p.polrelid = c.oid
    left join pg_partitioned_table y on y.partrelid = c.oid
    left join readings v on v.ev_class = c.oid
    left join column_readings u on u.ev_class = c.oid
    left join owners o on o.objid = c.oid
   order by c.nspname, c.relname
), columns_lines as (
  select json_build_array(
           a.attrelid::int8, a.attnum, a.attname, a.atttypid::int8, a.atttypmod,
           case when a.atttypmod <> -1 then format_type(a.atttypid, a.atttypmod) end,
           a.attnotnull, a.attidentity <> '' or (a.atthasdef and a.attgenerated = ''),
           a.attidentity <> '', a.attgenerated::text) as line
    from pg_attribute a
    join relations c on c.oid = a.attrelid and c.relkind <> 'S'
   where a.attnum > 0 and not a.attisdropped
), types_lines as (
  select json_build_array(
           t.oid::int8, n.nspname, t.typname,
           case when t.typcategory = 'A' and t.typlen = -1 then t.typelem else 0 end::int8) as line
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
   where n.nspname <> 'pg_toast'
), unproven_lines as (
  select json_build_array(conrelid::int8, conkey[1]) as line
    from pg_constraint
   where contype = 'n' and not convalidated and conrelid <> 0
), constraints_lines as (
  select json_build_object(
           'table', k.conrelid::int8, 'name', k.conname, 'kind', k.contype::text,
           'validated', k.convalidated,
           'columns', coalesce(to_json(k.conkey), '[]'),
           'references', nullif(k.confrelid, 0)::int8,
           'referencedColumns', coalesce(to_json(k.confkey), '[]'),
           'tree', case when k.contype = 'c' and k.conbin::text like '%{NULLTEST %'
                        then k.conbin::text end) as line
    from pg_constraint k
    join relations c on c.oid = k.conrelid
    left join pg_attribute a
           on k.contype = 'n' and a.attrelid = k.conrelid and a.attnum = k.conkey[1]
   where k.contype in ('c', 'f', 'p', 'u', 'x')
      or (k.contype = 'n' and k.coninhcount = 0
          and (not k.convalidated or k.conname <> c.relname || '_' || a.attname || '_not_null'))
   order by k.conrelid, k.conname
), indexes_lines as (
  select json_build_object(
           'schema', s.nspname, 'name', c.relname, 'table', i.indrelid::int8,
           'columns', to_json(i.indkey::int2[]), 'keys', i.indnkeyatts,
           'unique', i.indisunique, 'valid', i.indisvalid,
           'partial', i.indpred is not null) as line
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join spaces s on s.oid = c.relnamespace
   order by s.nspname, c.relname
), domains_lines as (
  select json_build_object(
           'schema', s.nspname, 'name', t.typname,
           -- Its own constraints, or those of a domain below it.
           'constrained', exists (
             with recursive below as (
               select t.oid, t.typnotnull, t.typbasetype
               union all
               select b.oid, b.typnotnull, b.typbasetype
                 from below join pg_type b on b.oid = below.typbasetype and b.typtype = 'd')
             select from below
              where typnotnull
                 or exists (select from pg_constraint k where k.contypid = below.oid)),
           'volatile', exists (
             select from regexp_matches(t.typdefaultbin::text, ':funcid ([0-9]+)', 'g') called
               join pg_proc p on p.oid = called[1]::oid
              where p.provolatile = 'v')) as line
    from pg_type t join spaces s on s.oid = t.typnamespace
   where t.typtype = 'd'
   order by s.nspname, t.typname
), functions_lines as (
  -- Of functions of one name the one that promises least, in whatever schema: v, then s, then i.
  select json_build_array(p.proname, max(p.provolatile::text)) as line
    from pg_proc p join spaces s on s.oid = p.pronamespace
   where p.prokind = 'f'
   group by p.proname
)
`;

const parts = [
  "session", "relations", "columns", "types", "unproven", "constraints", "indexes", "domains",
  "functions",
] as const satisfies readonly (keyof CatalogJson)[];

/** In pieces, since the driver is slow to put together one value of many megabytes. */
const piecesSql = parts.map((part) => `
  select '${part}' as part, json_agg(line)::text as lines
    from (select line, row_number() over () / 500 as piece from ${part}_lines) numbered
   group by piece`);

export const catalogSql = `${linesSql}${piecesSql.join("\n union all")}`;

/** The rows that `catalogSql` gives, put together. */
export function catalogJson(rows: readonly Row[]): CatalogJson {
  const lines: Record<(typeof parts)[number], unknown[]> = {
    session: [], relations: [], columns: [], types: [], unproven: [], constraints: [],
    indexes: [], domains: [], functions: [],
  };
  for (const row of rows) {
    const part = parts.find((one) => one === row["part"]);
    if (part === undefined) continue;
    lines[part].push(...(JSON.parse(String(row["lines"])) as readonly unknown[]));
  }
  return lines as unknown as CatalogJson;
}
