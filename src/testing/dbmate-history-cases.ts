/** Cases about history: files that change, what is undone, and strict order. */
import {
  applies, type Case, differ, downAlone, fails, files, lists, nothing, rollsBack, run, table,
  upAlone, type Versions,
} from "./dbmate-case.ts";

const noneApplied = "can't rollback: no migrations have been applied";

const changes: readonly Case[] = [
  {
    title: "a file that is renamed stays applied",
    migrations: files("1_a.sql"),
    runs: [
      run("up"),
      run("status", {
        write: { "db/migrations/1_z.sql": nothing },
        remove: ["db/migrations/1_a.sql"],
        out: lists("+1_z.sql"),
      }),
      run("up", { out: [] }),
      run("rollback", { out: rollsBack("1_z.sql") }),
    ],
    versions: [],
  },
  {
    title: "a file that is edited stays applied",
    migrations: { "1_a.sql": table("a") },
    runs: [
      run("up"),
      run("status", {
        write: { "db/migrations/1_a.sql": `-- changed\n${table("a")}` }, out: lists("+1_a.sql"),
      }),
      run("up", { out: [] }),
    ],
    versions: ["1"],
  },
  {
    title: "the last file is gone",
    because: ["missing-files"],
    migrations: { "1_a.sql": table("a"), "2_b.sql": table("b") },
    runs: [
      run("up"),
      run("status", {
        remove: ["db/migrations/2_b.sql"],
        out: differ(lists("+1_a.sql"), [
          ...lists("+1_a.sql"), "Missing: 1 (applied, but without a file here)", "[?] 2",
        ]),
      }),
      run("up", { out: [], err: { pgmate: "Warning: version 2 is applied but has no file here" } }),
      run("rollback", {
        status: differ(0, 2),
        out: differ(rollsBack("1_a.sql"), []),
        err: { pgmate: "version 2 is applied and next to be undone, but has no file here" },
      }),
    ],
    versions: differ<Versions>(["2"], ["1", "2"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  },
  {
    title: "a file that is older than an applied one",
    because: ["applied-order", "warnings"],
    migrations: files("1_a.sql", "3_c.sql"),
    runs: [
      run("up"),
      run("up", {
        write: { "db/migrations/2_b.sql": nothing },
        out: applies("2_b.sql"),
        err: { pgmate: "Warning: older than what is already applied" },
      }),
      run("rollback", { out: differ(rollsBack("3_c.sql"), rollsBack("2_b.sql")) }),
    ],
    versions: differ<Versions>(["1", "2"], ["1", "3"]),
  },
  {
    title: "rollback after rollback, until nothing is left, and up again",
    migrations: { "1_a.sql": table("a"), "2_b.sql": table("b") },
    runs: [
      run("up", { out: applies("1_a.sql", "2_b.sql") }),
      run("rollback", { out: rollsBack("2_b.sql") }),
      run("down", { out: rollsBack("1_a.sql") }),
      fails("rollback", noneApplied, noneApplied, { out: [] }),
      run("up", { out: applies("1_a.sql", "2_b.sql") }),
    ],
    versions: ["1", "2"],
  },
  {
    title: "rollback before anything was applied",
    because: ["writes-late"],
    migrations: files("1_a.sql"),
    runs: [fails("rollback", noneApplied, noneApplied, { out: [] })],
    versions: differ<Versions>([], "no table"),
  },
];

const strictly = (dbmate: string, pgmate: string, rest = {}): Case["runs"][number] =>
  fails("up --strict", dbmate, pgmate, { out: [], ...rest });
const words = "migration `2` is out of order with already applied migrations, the version number "
  + "has to be higher than the applied migration `3` in --strict mode";

const strict: readonly Case[] = [
  {
    title: "strict lets newer files through",
    migrations: files("1_a.sql", "2_b.sql"),
    runs: [
      run("up --strict", { out: applies("1_a.sql", "2_b.sql") }),
      run("up --strict", { out: [] }),
      run("migrate --strict", {
        write: { "db/migrations/3_c.sql": nothing }, out: applies("3_c.sql"),
      }),
    ],
    versions: ["1", "2", "3"],
  },
  {
    title: "strict refuses an older file, and the newer one with it",
    because: ["warnings"],
    migrations: files("1_a.sql", "3_c.sql"),
    runs: [
      run("up"),
      strictly(words, words, {
        write: { "db/migrations/2_b.sql": nothing, "db/migrations/4_d.sql": nothing },
      }),
      fails("migrate", words, words, { env: { DBMATE_STRICT: "true" }, out: [] }),
      run("up --strict=false", {
        env: { DBMATE_STRICT: "true" },
        out: applies("2_b.sql", "4_d.sql"),
        err: { pgmate: "(--strict refuses this)" },
      }),
    ],
    versions: ["1", "2", "3", "4"],
  },
  {
    title: "strict does not count: 100 comes before 30",
    migrations: files("30_a.sql"),
    runs: [
      run("up"),
      strictly("migration `100` is out of order", "migration `100` is out of order", {
        write: { "db/migrations/100_b.sql": nothing },
      }),
    ],
    versions: ["30"],
  },
  {
    title: "strict where names and versions disagree",
    because: ["strict-order"],
    migrations: files("1_b.sql"),
    runs: [
      run("up"),
      run("up --strict", {
        write: { "db/migrations/10_a.sql": nothing },
        status: differ(0, 2),
        out: differ(applies("10_a.sql"), []),
        err: { pgmate: "migration `10` is out of order" },
      }),
    ],
    versions: differ<Versions>(["1", "10"], ["1"]),
  },
  {
    title: "strict where the newest file is gone",
    because: ["strict-order"],
    migrations: files("1_a.sql", "3_c.sql"),
    runs: [
      run("up"),
      run("up --strict", {
        remove: ["db/migrations/3_c.sql"],
        write: { "db/migrations/2_b.sql": nothing },
        status: differ(0, 2),
        out: differ(applies("2_b.sql"), []),
        err: { pgmate: words },
      }),
    ],
    versions: differ<Versions>(["1", "2", "3"], ["1", "3"]),
  },
];

const index = "create unique index concurrently if not exists x on t (i);\n";

const halfRun: readonly Case[] = [
  {
    title: "an index that failed, and the same file again",
    because: ["applied-means-applied", "invalid-index"],
    migrations: { "1_a.sql": `${upAlone}${index}${downAlone}drop index concurrently x;\n` },
    runs: [
      fails("up", "could not create unique index", "could not create unique index", {
        sql: "create table t (i int); insert into t values (1), (1)",
        out: differ(applies("1_a.sql"), ["Applying: 1_a.sql"]),
      }),
      run("up", {
        status: differ(0, 2),
        out: differ(applies("1_a.sql"), ["Applying: 1_a.sql"]),
        err: { pgmate: "Dropped: the invalid index public.x" },
      }),
    ],
    versions: differ<Versions>(["1"], []),
    shows: {
      sql: "select indisvalid from pg_index where indexrelid = 'x'::regclass", is: false,
    },
  },
];

export const historyCases: readonly Case[] = [...changes, ...strict, ...halfRun];
