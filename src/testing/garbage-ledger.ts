/** Tables under the names of the ledger and the journal that nothing of pgmate's has made. */
import { type ProgramKind, runProgram } from "./garbage-program.ts";
import type { Random } from "./seeded.ts";
import type { FreshDatabase } from "./servers.ts";

const versionTypes = [
  "varchar(128)", "text", "varchar(5)", "char(20)", "int", "bigint", "numeric", "smallint", "uuid",
  "json", "jsonb", "bytea", "text[]", "date", "boolean", "name", "own_text", "own_mood", "own_pair",
  "timestamptz", "money", "inet", "int4range", "xml", "\"char\"", "oid", "citext", "float8",
];
const columnTypes = [
  "text", "int", "bigint", "timestamptz", "timestamp", "date", "json", "bytea", "boolean", "float8",
  "own_text", "own_mood", "text[]", "varchar(3)", "interval",
];
const extraColumns = ["description", "checksum", "applied_at", "applied_by", "execution_ms"];
const oddColumns = [
  "note text", "id serial", "who text not null default 'x'", "must int not null",
  "twice text generated always as (upper('x')) stored", "id bigint generated always as identity",
  "\"Version\" text", "\"a b\" text", "dirty boolean", "tableoid2 oid", "v text unique",
];
const prelude = `
  create domain own_text as text check (value <> 'no');
  create type own_mood as enum ('1', '2', '20240101000000');
  create type own_pair as (a int, b text);
  create extension if not exists citext;
`;
const values = [
  "'1'", "'2'", "'01'", "'20240101000000'", "null", "''", "' 1 '", "'1_a'", "'2_b'", "'x'", "'9'",
  "repeat('9', 200000)", "repeat('x', 300000)", "E'1\\n2'", "'1.5'", "'-1'", "'{1}'", "'{\"a\":1}'",
  "'00000000-0000-0000-0000-000000000001'", "'2024-01-01'", "'true'", "'(1,a)'", "E'\\u202e1'",
  "'10.0.0.1'", "'\\x31'", "'[1,2)'", "chr(1)", "'😀'",
];

/** SQL that makes something of the given name and kind; some of it the server refuses. */
function tableSql(random: Random, name: string, columns: readonly string[]): readonly string[] {
  const list = columns.join(", ");
  const make = random.pick<readonly string[]>([
    [`create table ${name} (${list})`],
    [`create table ${name} (${list})`],
    [`create table ${name} (${list})`],
    [`create unlogged table ${name} (${list})`],
    [`create table ${name} (${list}) partition by hash (version)`],
    [`create table base_of (${list})`, `create view ${name} as select * from base_of`],
    [`create table base_of (${list})`,
      `create view ${name} as select * from base_of where version is not null with check option`],
    [`create view ${name} as select '1'::text as version`],
    [`create materialized view ${name} as select '1'::text as version`],
    [`create sequence ${name}`],
    [`create type ${name} as (version text)`],
    [`create table parent_of (${list})`, `create table ${name} () inherits (parent_of)`],
    [`create table i (a int)`, `create index ${name} on i (a)`],
    [`create schema other`, `create table other.${name} (${list})`,
      "alter database current_one set search_path = other, public"],
  ]);
  return [...make, ...spoilers(random, name)];
}

/** What stands in the way of reads and writes. */
function spoilers(random: Random, name: string): readonly string[] {
  const count = random.percent(50) ? 0 : 1 + random.below(2);
  return Array.from({ length: count }, () => random.pick<readonly string[]>([
    [`create function t_${name}() returns trigger language plpgsql as
      $$ begin ${random.pick([
        "return null;", "raise exception 'never';", "return old;",
        "new.version := 'x'; return new;",
        "perform pg_sleep(0.01); return new;", "raise warning 'w'; return new;",
        `truncate ${name}; return new;`, "commit; return new;",
      ])} end $$`,
      `create trigger t before insert or update or delete on ${name}
       for each row execute function t_${name}()`],
    [`create rule r as on ${random.pick(["insert", "delete"])} to ${name} do instead nothing`],
    [`create rule r as on insert to ${name} do also select pg_backend_pid()`],
    [`alter table ${name} enable row level security`,
      `alter table ${name} force row level security`],
    [`alter table ${name} enable row level security`,
      `create policy p on ${name} using (version <> '1')`],
    [`create publication p for table ${name}`],
    [`alter table ${name} add check (version <> '20240101000000')`],
    [`revoke all on ${name} from public`, `revoke all on ${name} from garbage_low`],
    [`alter table ${name} add unique (version)`],
    [`create unique index on ${name} (version) where version > '1'`],
    [`create constraint trigger c after insert on ${name} deferrable initially deferred
      for each row execute function t_${name}()`],
    [`comment on table ${name} is 'it''s; $$ not yours'`],
  ])).flat();
}

function columnList(random: Random, names: readonly string[]): readonly string[] {
  const type = random.pick(versionTypes);
  const key = random.percent(50) ? " primary key" : "";
  const version = random.percent(93) ? [`version ${type}${key}`] : [];
  const extra = names.filter(() => random.percent(25))
    .map((name) => `${name} ${random.pick(columnTypes)}`);
  const odd = random.percent(25) ? [random.pick(oddColumns)] : [];
  return [...version, ...extra, ...odd];
}

const journalColumns = ["direction", "unit", "hash", "state", "error", "note", "changed_at"];

function journalSql(random: Random): readonly string[] {
  const name = "schema_migrations_progress";
  if (random.percent(50)) {
    return tableSql(random, name, columnList(random, journalColumns));
  }
  const row = (): string => [
    random.pick(["'1'", "'2'", "'20240101000000'", "'x'", "''"]),
    random.pick(["'up'", "'down'", "'sideways'", "''"]),
    random.pick(["1", "2", "0", "-5", "2147483647"]), random.pick(["'v1:0'", "''", "'ü'"]),
    random.pick(["'running'", "'done'", "'failed'", "'lost'"]),
    random.pick(["null", "'it failed'", "repeat('e', 100000)", "E'a\\nb'"]),
    random.pick(["null", "'{}'", "'not json'", "'[1'", "'{\"kind\":\"index\"}'", "'null'", "'7'"]),
  ].join(", ");
  return [
    `create table ${name} (version varchar, direction text, unit int, hash text, state text,
      error text, note text, changed_at timestamptz, changed_by text)`,
    ...Array.from({ length: 1 + random.below(3) }, () => `insert into ${name} values (${row()})`),
  ];
}

async function prepare(random: Random, database: FreshDatabase): Promise<void> {
  const ledger = tableSql(random, "schema_migrations", columnList(random, extraColumns));
  const rows = Array.from({ length: random.below(4) }, () =>
    `insert into schema_migrations (version) values (${random.pick(values)})`);
  const journal = random.percent(60) ? [] : journalSql(random);
  // Rows before what keeps them out, as often as not.
  const [make = "", ...spoil] = random.percent(20) ? [] : ledger;
  const all = random.percent(70) ? [make, ...rows, ...spoil] : [make, ...spoil, ...rows];
  await database.query(prelude);
  for (const sql of [...all, ...journal].filter((one) => one !== "")) {
    const named = sql.replace("current_one", `"${database.name}"`);
    // What the server refuses is not there, which is a case as well.
    await database.query(named).catch(() => undefined);
  }
}

const commandLines = [
  "up", "up", "up", "up --strict", "up --json", "status", "status --long", "status --json",
  "version", "rollback", "rollback --all", "redo", "goto 1", "goto 20240101000000", "up --dry-run",
  "rollback --dry-run", "force 1 --yes", "force --only 1 --applied --yes", "force 2 --dry-run",
  "dump --stdout", "dump", "up --resume skip", "migrate", "up --migrations-table schema_migrations",
  "up --migrations-table other.schema_migrations", "force --only 2 --pending --yes",
];

const files: Readonly<Record<string, string>> = {
  "db/migrations/1_a.sql":
    "-- migrate:up\ncreate table made_1 ();\n-- migrate:down\ndrop table made_1;\n",
  "db/migrations/2_b.sql":
    "-- migrate:up transaction:false\ncreate table made_2 (a int);\n" +
    "create index concurrently on made_2 (a);\n-- migrate:down transaction:false\n" +
    "drop table made_2;\n",
  "db/migrations/20240101000000_c.sql":
    "-- migrate:up\ncreate table made_3 ();\n-- migrate:down\ndrop table made_3;\n",
};

/** The same command twice, so that what the first has left is met as well. */
export const ledgers: ProgramKind = {
  name: "ledgers and journals on a server",
  run: async (random, ground) => {
    const { server } = ground;
    const role = random.pick(ground.roles);
    const database = await server.freshDatabase();
    await prepare(random, database);
    const place = `${server.host}:${server.port}/${database.name}`;
    const url = `postgres://${role.name}:${encodeURIComponent(role.secret.text)}@${place}`;
    const command = random.pick(commandLines);
    const before = await facts(database);
    const run = {
      argv: command.split(" "), env: { DATABASE_URL: url, PGMATE_LOCK_WAIT: "5s" }, files,
      secrets: [role.secret],
      left: async () => ({ tables: await facts(database), log: "" }),
    };
    const first = await runProgram(ground, run);
    const after = await facts(database);
    const lies = first.outcome === "exit 0" ? await untruth(database, command) : [];
    const isRead = /^(status|version|dump)|dry-run/.test(command);
    const changed = isRead && before !== after ? [`${command} changed ${before} to ${after}`] : [];
    const second = await runProgram(ground, run);
    await server.query("postgres", `drop database "${database.name}" with (force)`);
    const wrong = [...lies, ...changed].map((text) => ({ what: "crash" as const, text }));
    return { outcome: first.outcome, faults: [...first.faults, ...second.faults, ...wrong] };
  },
};

/** What is there, by name, with the rows of both tables. */
async function facts(database: FreshDatabase): Promise<string> {
  const made = await database.query(
    "select string_agg(relname, ' ' order by relname) as text from pg_class c " +
      "where relnamespace::regnamespace::text !~ '^pg_|information_schema'",
  );
  const rows = await Promise.all(
    ["schema_migrations", "schema_migrations_progress"].map((table) =>
      database.query(`select left(t::text, 500) as text from ${table} t`)
        .then((found) => JSON.stringify(found), () => "")),
  );
  return [JSON.stringify(made), ...rows].join("\n");
}

/** After an `up` that said all is well: what is not there although it should be. */
async function untruth(database: FreshDatabase, command: string): Promise<readonly string[]> {
  if (!/^(up|migrate)( --strict| --json)?$/.test(command)) return [];
  const versions = ["1", "2", "20240101000000"];
  const found = await database.query(
    "select version::text as version from schema_migrations",
  ).catch(() => []);
  const known = new Set(found.map((row) => String(row["version"]).trim()));
  const names = ["1_a", "2_b", "20240101000000_c"];
  return versions.flatMap((version, index) => {
    const isKnown = known.has(version) || known.has(names[index] ?? "");
    return isKnown ? [] : [`${command} ended well, and the ledger does not hold ${version}`];
  });
}
