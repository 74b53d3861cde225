/** A database after a harmed run as text, so that it can be held against an undisturbed one's. */
import { catalog } from "./catalog.ts";
import type { TestServer } from "./servers.ts";

export interface Picture {
  /** What is there and what is in it, one line for each thing. */
  readonly lines: readonly string[];
  readonly versions: readonly string[];
  /** How often each label stands in outside.log. */
  readonly labels: ReadonlyMap<string, number>;
}

const ledger = "schema_migrations";

/** "shape" leaves out the tables that tell how often something ran. */
export async function takePicture(
  server: TestServer,
  database: string,
  extent: "all" | "shape" = "all",
): Promise<Picture> {
  const found = await catalog(server, database, ledger);
  if (found === undefined) return { lines: ["no database"], versions: [], labels: new Map() };
  const beside = await server.query(database, besideSql);
  const rows = beside.map((row) => [String(row["kind"]), String(row["line"])] as const);
  const labels = new Map<string, number>();
  for (const [, line] of rows.filter(([kind]) => kind === "label")) {
    labels.set(line, (labels.get(line) ?? 0) + 1);
  }
  // The log's own rows are told by the labels.
  const hidden = extent === "all" ? "rows outside.log" : "rows outside.";
  const objects = found.objects.filter((line) => !line.startsWith(hidden));
  const others = rows.filter(([kind]) => kind === "object").map(([, line]) => line);
  const lines = [...objects, ...found.ledger, ...others];
  return { lines, versions: found.versions ?? [], labels };
}

/** What the one has and the other lacks, and a label that stands there too often or not at all. */
export function pictureDifferences(expected: Picture, found: Picture): readonly string[] {
  return [
    ...lackingIn(found.lines, expected.lines).map((line) => `lacks: ${short(line)}`),
    ...lackingIn(expected.lines, found.lines).map((line) => `has too much: ${short(line)}`),
    ...lackingIn(found.versions, expected.versions).map((one) => `the ledger lacks ${one}`),
    ...lackingIn(expected.versions, found.versions).map((one) => `the ledger holds ${one}`),
    ...labelDifferences(expected.labels, found.labels),
  ];
}

function short(line: string): string {
  return line.length > 300 ? `${line.slice(0, 300)} …` : line.trimEnd();
}

export function labelDifferences(
  expected: Picture["labels"],
  found: Picture["labels"],
): readonly string[] {
  const all = [...new Set([...expected.keys(), ...found.keys()])];
  return all.flatMap((label) => {
    const [wanted, seen] = [expected.get(label) ?? 0, found.get(label) ?? 0];
    return wanted === seen ? [] : [`"${label}" ran ${seen} times, not ${wanted}`];
  });
}

/** Lines of `wanted` that `there` has not, or not as often. */
function lackingIn(there: readonly string[], wanted: readonly string[]): readonly string[] {
  const left = new Map<string, number>();
  for (const line of there) left.set(line, (left.get(line) ?? 0) + 1);
  return wanted.filter((line) => {
    const count = left.get(line) ?? 0;
    left.set(line, count - 1);
    return count === 0;
  });
}

/** Owners, what is attached to what, marks of half-done work, and rows in the journal. */
const besideSql = `
with relations as (
  select c.oid, c.relkind, c.relowner, c.relname, format('%I.%I', n.nspname, c.relname) as name
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
   where n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
)
select 'object' as kind, format('owner of %s: %s', name, relowner::regrole) as line
  from relations where relname not like '${ledger}\\_progress%'
union all
select 'object', format('%s is part of %s%s', child.name, parent.name,
         case when i.inhdetachpending then ', half detached' else '' end)
  from pg_inherits i join relations child on child.oid = i.inhrelid
  join relations parent on parent.oid = i.inhparent
union all
select 'object', format('%s is not ready or not alive', name)
  from pg_index x join relations on oid = x.indexrelid where not (indisready and indislive)
union all
select 'object', format('%s is clustered', name)
  from pg_index x join relations on oid = x.indexrelid where indisclustered
union all
select 'object', format('%s was checked: %s %s', name, conname, convalidated)
  from pg_constraint c join relations on relations.oid = c.conrelid
 where relname not like '${ledger}\\_progress%'
union all
select 'object', format('prepared transaction %s', gid)
  from pg_prepared_xacts where database = current_database()
union all
select 'object', format('setting of a role or database: %s', array_to_string(setconfig, ', '))
  from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase
 where d.datname = current_database()
union all
select 'object', format('journal: %s', l) from relations, unnest(xpath('//line/text()',
         query_to_xml(format('select j::text as line from %s j', name), true, false, ''))::text[]) l
 where relname = '${ledger}_progress'
union all
select 'object', format('ledger: %s', l) from relations, unnest(xpath('//line/text()',
         query_to_xml(format(
           'select to_jsonb(l) - array[''applied_at'', ''execution_ms''] as line from %s l', name),
           true, false, ''))::text[]) l
 where relname = '${ledger}' and relkind = 'r'
union all
select 'label', label from relations, unnest(xpath('//label/text()',
         query_to_xml('select label from outside.log', true, false, ''))::text[]) label
 where name = 'outside.log'`;
