/** Cases about what stands in a migration file: markers, options, encodings, sections. */
import {
  applies, type Case, differ, down, downAlone, fails, files, lists, nothing, rollsBack, run,
  table, up, upAlone, type Versions,
} from "./dbmate-case.ts";

const name = "1_a.sql";
const noUp = "define an up block with '-- migrate:up'";
const noDown = "define a down block with '-- migrate:down'";
const early = "does not support statements preceding the '-- migrate:up' block";
const twoDowns = "every '-- migrate:down' to be preceded by a '-- migrate:up'";
const noneApplied = "can't rollback: no migrations have been applied";

/** Both apply it and roll it back. */
function alike(title: string, text: string | Uint8Array, rest: Partial<Case> = {}): Case {
  return {
    title,
    migrations: { [name]: text },
    runs: [run("up", { out: applies(name) }), run("rollback", { out: rollsBack(name) })],
    versions: [],
    ...rest,
  };
}

/** Both refuse it; dbmate only when it is the file's turn, having made its table. */
function refused(
  title: string,
  text: string | Uint8Array,
  dbmate: string,
  pgmate: string,
): Case {
  return {
    title,
    because: ["reads-first", "writes-late"],
    migrations: { [name]: text },
    runs: [fails("up", dbmate, pgmate, { out: differ([`Applying: ${name}`], []) })],
    versions: differ<Versions>([], "no table"),
  };
}

/** The server refuses what dbmate makes of it; pgmate does not send it. */
function refusedByServer(...given: Parameters<typeof refused>): Case {
  const { runs, because = [], ...rest } = refused(...given);
  return {
    ...rest,
    because: [...because, "applied-means-applied"],
    runs: runs.map((one) => ({ ...one, out: differ(applies(name), []) })),
  };
}

/** dbmate refuses it, pgmate runs it. */
function runsHere(
  title: string,
  because: Case["because"] & {},
  text: string,
  dbmate: string,
): Case {
  return {
    title,
    because,
    migrations: { [name]: text },
    runs: [
      run("up", {
        status: differ(2, 0),
        out: differ([`Applying: ${name}`], applies(name)),
        err: { dbmate },
      }),
      run("rollback", {
        status: differ(2, 0), out: differ([], rollsBack(name)), err: { dbmate: noneApplied },
      }),
      run("up", {
        status: differ(2, 0),
        out: differ([`Applying: ${name}`], applies(name)),
        err: { dbmate },
      }),
    ],
    versions: differ([], ["1"]),
    shows: {
      sql: "select coalesce(max(tablename), 'none') from pg_tables where tablename = 'a'",
      is: differ("none", "a"),
    },
  };
}

/** dbmate applies it, though it cannot mean what it says; pgmate refuses it with the place. */
function onlyThere(
  title: string,
  because: Case["because"] & {},
  text: string,
  pgmate: string,
): Case {
  return {
    title,
    because: [...because, "writes-late"],
    migrations: { [name]: text },
    runs: [run("up", {
      status: differ(0, 2), out: differ(applies(name), []), err: { pgmate },
    })],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('schema_migrations') is null", is: differ(false, true) },
  };
}

const a = "create table a (id int);\n";
const dropA = "drop table a;\n";
const body = "create function f() returns int language sql as $$\nselect 1;\n\tselect 2 \n$$;\n";

const markers: readonly Case[] = [
  alike("a plain file", `${up}create table a (id int primary key, n text default 'x');\n`
    + `create index on a (n);\n${down}${dropA}`),
  alike("empty sections", nothing),
  alike("no line end at the end", `${up}${a}${down}drop table a`),
  alike("CRLF, which stays in function bodies",
    `${up}${body}${down}drop function f();\n`.replaceAll("\n", "\r\n")),
  alike("CRLF behind transaction:false",
    `${upAlone}${a}${downAlone}${dropA}`.replaceAll("\n", "\r\n")),
  alike("no blank behind the dashes", `--migrate:up\n${a}--migrate:down\n${dropA}`),
  alike("tabs and form feeds in the marker",
    `--\t\f migrate:up \t\f\n${a}--   migrate:down   \n${dropA}`),
  alike("comments and empty lines before the first marker",
    `-- a licence\n\n  -- more\n\t\n--\n${up}${a}${down}${dropA}`),
  alike("what only looks like a marker", `${up}-- migrate:upgrade\n-- migrate:up;\n`
    + "-- migrate: down\n-- MIGRATE:DOWN\n -- migrate:down\n-- migrate:downs\n---migrate:down\n"
    + `/* x */ -- migrate:down\n${a}${down}${dropA}`),
  alike("a file that ends in a comment", `${up}${a}-- end\n${down}drop table a -- end`),
  alike("nothing but semicolons", `${up};;\n;\n${down};;`),
  alike("letters beyond ASCII", `${up}create table "größe 表 😀" (é int);\n`
    + `insert into "größe 表 😀" values (1);\n${down}drop table "größe 表 😀";\n`),
  alike("words behind the marker",
    `-- migrate:up the first\n${a}-- migrate:down and back\n${dropA}`, {
    because: ["warnings"],
    runs: [
      run("up", { out: applies(name), err: { pgmate: `db/migrations/${name}:1: words` } }),
      run("rollback"),
    ],
  }),
  refused("an empty file", "", noUp, `${name}:1:1: no \`-- migrate:up\``),
  refused("SQL without markers", a, noUp, `${name}:1:1: no \`-- migrate:up\``),
  refused("only a down", `${down}${dropA}`, noUp, `${name}:2:1: no \`-- migrate:up\``),
  refused("no down", `${up}${a}`, noDown, `${name}:3:1: no \`-- migrate:down\``),
  refused("SQL before the first marker", `create table b ();\n${up}${a}${down}`, early,
    `${name}:1:1: statements before the first`),
  refused("down before up", `${down}${dropA}${up}${a}`, early,
    `${name}:2:1: statements before the first`),
  refused("two ups and one down", `${up}${a}${up}${down}`, noDown, `${name}:3:1: no`),
  refused("one up and two downs", `${up}${a}${down}${dropA}${down}`, twoDowns,
    `${name}:5:1: a second`),
  refused("both markers on one line", "-- migrate:up -- migrate:down\n", noDown,
    `${name}:2:1: no`),
  refused("a vertical tab in the marker", `--\vmigrate:up\n${a}${down}`, noUp, `${name}:2:1`),
  refused("a no-break space behind the marker", `-- migrate:up\u00a0\n${a}${down}`, noUp,
    `${name}:2:1`),
  refused("UTF-16", Buffer.from(nothing, "utf16le"), noUp, `${name}:1:2: a NUL byte`),
  refusedByServer("a NUL byte", `${up}select '\0';\n${down}`, "invalid message format (08P01)",
    `${name}:2:9: a NUL byte`),
  refusedByServer("Latin-1 in a comment",
    Buffer.from(`${up}-- é caf\nselect 1;\n${down}`, "latin1"),
    "invalid byte sequence", `${name}:2:4: this is not UTF-8`),
  runsHere("a byte order mark", ["lead-in"], `\ufeff${up}${a}${down}${dropA}`, noUp),
  runsHere("a byte order mark before a comment", ["lead-in"],
    `\ufeff-- hello\n${up}${a}${down}${dropA}`, early),
  runsHere("a block comment first", ["lead-in"], `/* licence */\n${up}${a}${down}${dropA}`, early),
  runsHere("CR alone as line end", ["line-ends"],
    `${up}${a}${down}${dropA}`.replaceAll("\n", "\r"), noDown),
  runsHere("markers in a comment before the first", ["marker-is-line"],
    `/*\n${up}${down}*/\n${up}${a}${down}${dropA}`, early),
  runsHere("a second down in a comment", ["marker-is-line"],
    `${up}${a}${down}/*\n${down}*/\n${dropA}`, twoDowns),
  runsHere("a second down in a string", ["marker-is-line"],
    `${up}create table a as select '\n${down}'::text t;\n${down}${dropA}`, twoDowns),
  runsHere("an up in a function body", ["marker-is-line"],
    `${up}${a}create function f() returns text language sql as $$ select '\n${up}' $$;\n`
    + `${down}drop function f(); ${dropA}`, noDown),
  refusedByServer("the only down in a comment", `${up}${a}/*\n${down}*/\n`,
    "unterminated /* comment", `${name}:6:1: no \`-- migrate:down\``),
  refusedByServer("the only down in a string", `${up}create table a as select '\n${down}' t;\n`,
    "unterminated quoted string", `${name}:5:1: no \`-- migrate:down\``),
  onlyThere("a marker that begins on one line and ends on another", ["marker-is-line"],
    `${up}${a}--\n\nmigrate:down\n${dropA}`, `${name}:7:1: no \`-- migrate:down\``),
];

const options: readonly Case[] = [
  alike("transaction:true", `-- migrate:up transaction:true\n${a}${down}${dropA}`),
  alike("options of up and down are their own", `${up}${a}${downAlone}vacuum;`),
  alike("the later option holds",
    "-- migrate:up transaction:true transaction:false\nvacuum;\n"
    + `-- migrate:down transaction:false transaction:true\ncreate table a ();${dropA}`),
  alike("an option that nobody knows", `-- migrate:up foo:bar\n${a}${down}${dropA}`, {
    because: ["warnings"],
    runs: [
      run("up", { out: applies(name), err: { pgmate: "mean nothing: foo:bar" } }),
      run("rollback"),
    ],
  }),
  ...[
    "transaction:FALSE", "transaction: false", "transaction:no", "transaction:false;",
    "transaction=false", "Transaction:false", "transaction:false:x",
  ].map((option) => {
    return onlyThere(`the option ${option}`, ["option-value"],
      `-- migrate:up ${option}\n${a}${down}${dropA}`,
      `${name}:1:15: "${option.split(" ")[0]}" is no option`);
  }),
  {
    title: "timeouts behind the marker",
    because: ["marker-timeouts"],
    migrations: {
      [name]: "-- migrate:up lock_timeout:500ms statement_timeout:1min\ncreate table a as select "
        + "current_setting('lock_timeout') || ' ' || current_setting('statement_timeout') as it;\n"
        + `-- migrate:down lock_timeout:0\n${dropA}`,
    },
    runs: [run("up", { out: applies(name) })],
    versions: ["1"],
    shows: { sql: "select it from a", is: differ("0 0", "500ms 1min") },
  },
  ...["lock_timeout:2", "lock_timeout: 2s", "lock-timeout:2s", "Statement_Timeout:0"].map(
    (option) => onlyThere(`the option ${option}`, ["marker-timeouts"],
      `-- migrate:up ${option}\n${a}${down}${dropA}`,
      `${name}:1:15: "${option.split(" ")[0]}" is no option`),
  ),
  onlyThere("SQL on the marker's line", ["marker-line-sql"],
    `-- migrate:up create table a ();\n${down}`, `${name}:1:15: SQL on the marker's own line`),
  alike("SQL on the down marker's line", `${up}${a}-- migrate:down drop table a;\n`, {
    because: ["marker-line-sql"],
    runs: [
      run("up", { out: applies(name) }),
      run("rollback", {
        status: differ(0, 2),
        out: differ(rollsBack(name), []),
        err: { pgmate: `${name}:3:17: SQL on the marker's own line` },
      }),
    ],
    versions: differ<Versions>([], ["1"]),
  }),
];

const sections: readonly Case[] = [
  {
    title: "two pairs of sections in one file",
    because: ["several-sections", "applied-means-applied"],
    migrations: {
      [name]: `${up}${a}${down}${dropA}${up}create table b ();\n${down}drop table b;\n`,
    },
    runs: [
      run("up", {
        status: differ(2, 0),
        out: differ([...applies(name), `Applied: ${name} in T`], applies(name)),
        err: { dbmate: "duplicate key value violates unique constraint" },
      }),
      run("status", { out: lists(`+${name}`) }),
      run("rollback", {
        status: differ(2, 0),
        out: differ([...rollsBack(name), `Rolled back: ${name} in T`], rollsBack(name)),
        err: { dbmate: 'table "b" does not exist' },
      }),
      run("up", {
        status: differ(2, 0),
        out: differ([...applies(name), `Applied: ${name} in T`], applies(name)),
        err: { dbmate: "duplicate key value violates unique constraint" },
      }),
    ],
    versions: ["1"],
    shows: {
      sql: "select string_agg(tablename, ' ' order by tablename) from pg_tables"
        + " where tablename in ('a', 'b')",
      is: differ("a", "a b"),
    },
  },
  {
    title: "a bad file behind a good one",
    because: ["reads-first", "writes-late"],
    migrations: { [name]: table("a"), "2_b.sql": "create table b ();\n" },
    runs: [
      fails("up", noUp, "2_b.sql:1:1: no `-- migrate:up`", {
        out: differ([...applies(name), "Applying: 2_b.sql"], []),
      }),
      run("status", { out: differ(lists("+1_a.sql", "-2_b.sql"), lists("-1_a.sql", "-2_b.sql")) }),
    ],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  {
    title: "a bad file among the applied ones is not looked at",
    migrations: files("1_a.sql", "2_b.sql"),
    runs: [
      run("up"),
      run("up", {
        write: { "db/migrations/1_a.sql": "no markers", "db/migrations/3_c.sql": nothing },
      }),
      run("status", { out: lists("+1_a.sql", "+2_b.sql", "+3_c.sql") }),
    ],
    versions: ["1", "2", "3"],
  },
];

export const formatCases: readonly Case[] = [...markers, ...options, ...sections];
