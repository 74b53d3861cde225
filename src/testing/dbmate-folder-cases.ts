/** Cases about which files are migrations, in which order, and where they are looked for. */
import {
  applies, type Case, differ, fails, files, lists, nothing, rollsBack, run, table, type Versions,
} from "./dbmate-case.ts";

const mixed = { err: { pgmate: "Warning: versions have different widths" } };

const names: readonly Case[] = [
  {
    title: "the order is that of the names' bytes",
    because: ["warnings"],
    migrations: files("011_x.sql", "3.sql", "100_z.sql", "11_y.sql", "15_.sql", "1_a.sql",
      "20240101000000_l.sql", "2a.sql", "99_z.sql"),
    runs: [
      run("status", {
        out: lists("-011_x.sql", "-100_z.sql", "-11_y.sql", "-15_.sql", "-1_a.sql",
          "-20240101000000_l.sql", "-2a.sql", "-3.sql", "-99_z.sql"),
      }),
      run("up", mixed),
      run("rollback", { out: rollsBack("99_z.sql") }),
      run("rollback", { out: rollsBack("3.sql") }),
    ],
    versions: ["011", "1", "100", "11", "15", "2", "20240101000000"],
  },
  {
    title: "the order of names beyond the basic plane",
    migrations: files("1_😀.sql", "2_ﬀ.sql", "1_ﬀ.sql", "1_é.sql"),
    runs: [run("status", { out: lists("-1_é.sql", "-1_ﬀ.sql", "-1_😀.sql", "-2_ﬀ.sql") })],
    versions: "no table",
  },
  {
    title: "names that are versions",
    because: ["warnings"],
    migrations: files("1.sql", "2a.sql", "3-dash.sql", "4 space.sql", "5.up.sql", "15_é.sql",
      "16.foo.sql", "17_'q\".sql", "18_$x`.sql"),
    runs: [
      run("up", {
        ...mixed,
        out: applies("1.sql", "15_é.sql", "16.foo.sql", "17_'q\".sql", "18_$x`.sql", "2a.sql",
          "3-dash.sql", "4 space.sql", "5.up.sql"),
      }),
    ],
    versions: ["1", "15", "16", "17", "18", "2", "3", "4", "5"],
  },
  {
    title: "names that are none, and folders",
    because: ["warnings"],
    migrations: files("a10.sql", "_9.sql", ".12_hidden.sql", "6_x.SQL", "7_x.sql.bak", "13.sql~",
      "14.txt", "17", ".sql", "1_a.sql", "18_dir.sql/2_x.sql", "sub/3_x.sql"),
    runs: [
      run("status", {
        out: lists("-1_a.sql"), err: { pgmate: "Warning: db/migrations/_9.sql is not a migration" },
      }),
      run("up", {
        out: applies("1_a.sql"), err: { pgmate: "db/migrations/6_x.SQL is not a migration" },
      }),
    ],
    versions: ["1"],
  },
  {
    title: "zeros and many digits are kept",
    because: ["warnings"],
    migrations: files("123456789012345678901234567890_a.sql", "1_a.sql", "01_a.sql", "001_a.sql"),
    runs: [
      run("up", mixed),
      run("status", {
        out: lists("+001_a.sql", "+01_a.sql", "+123456789012345678901234567890_a.sql", "+1_a.sql"),
      }),
      run("rollback", { out: rollsBack("1_a.sql") }),
    ],
    versions: ["001", "01", "123456789012345678901234567890"],
  },
  {
    title: "two files with one version",
    because: ["duplicate-versions", "writes-late", "applied-means-applied"],
    migrations: { "1_a.sql": table("a"), "1_b.sql": table("b") },
    runs: [
      fails("up", "duplicate key value violates unique constraint",
        "2 files have version 1: db/migrations/1_a.sql, db/migrations/1_b.sql",
        { out: differ(applies("1_a.sql", "1_b.sql"), []) }),
      run("up", { status: differ(0, 2), err: { pgmate: "2 files have version 1" } }),
      run("status", {
        out: differ(lists("+1_a.sql", "+1_b.sql"), lists("-1_a.sql", "-1_b.sql")),
      }),
    ],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  {
    title: "files of golang-migrate",
    because: ["golang-migrate", "writes-late", "applied-means-applied"],
    migrations: {
      "1_a.up.sql": "create table a ();\n", "1_a.down.sql": "drop table a;\n",
    },
    runs: [fails("up", "define an up block", "this folder holds golang-migrate's pairs of files", {
      out: differ(["Applying: 1_a.down.sql"], []),
    })],
    versions: differ<Versions>([], "no table"),
  },
];

const both = { "one/1_a.sql": table("a"), "two/2_b.sql": table("b"), "one/3_c.sql": nothing };

const folders: readonly Case[] = [
  {
    title: "several folders",
    files: both,
    runs: [
      run("-d two -d one up", { out: applies("1_a.sql", "2_b.sql", "3_c.sql") }),
      run("-d one,two status", { out: lists("+1_a.sql", "+2_b.sql", "+3_c.sql") }),
      { args: ["-d", " one , ./two/ ", "rollback"], status: 0, out: rollsBack("3_c.sql") },
      run("status", {
        env: { DBMATE_MIGRATIONS_DIR: "one, two" }, out: lists("+1_a.sql", "+2_b.sql", "-3_c.sql"),
      }),
    ],
    versions: ["1", "2"],
  },
  {
    title: "the flag replaces the variable",
    files: both,
    runs: [run("-d one status", {
      env: { DBMATE_MIGRATIONS_DIR: "nope" }, out: lists("-1_a.sql", "-3_c.sql"),
    })],
    versions: "no table",
  },
  {
    title: "one name in two folders",
    because: ["duplicate-versions", "writes-late", "applied-means-applied"],
    files: { "one/1_a.sql": table("a"), "two/1_a.sql": table("b") },
    runs: [
      run("-d one,two status", { out: lists("-1_a.sql", "-1_a.sql") }),
      fails("-d one,two up", "duplicate key value violates unique constraint",
        "2 files have version 1: one/1_a.sql, two/1_a.sql",
        { out: differ(applies("1_a.sql", "1_a.sql"), []) }),
    ],
    versions: differ<Versions>(["1"], "no table"),
    shows: { sql: "select to_regclass('a') is not null", is: differ(true, false) },
  },
  {
    title: "one folder given twice",
    because: ["folder-twice", "applied-means-applied"],
    migrations: { "1_a.sql": table("a") },
    runs: [
      run("-d db/migrations -d ./db/migrations status", {
        out: differ(lists("-1_a.sql", "-1_a.sql"), lists("-1_a.sql")),
      }),
      run("-d db/migrations -d ./db/migrations up", {
        status: differ(2, 0),
        out: differ(applies("1_a.sql", "1_a.sql"), applies("1_a.sql")),
        err: { dbmate: 'relation "a" already exists' },
      }),
    ],
    versions: ["1"],
  },
  {
    title: "a folder that is not there",
    migrations: files("1_a.sql"),
    runs: [
      ...["status", "up", "migrate"].map((command) => {
        const words = "could not find migrations directory `nope`";
        return fails(`-d db/migrations -d nope ${command}`, words, words, { out: [] });
      }),
    ],
    versions: "no table",
  },
  {
    title: "a folder that is a file",
    files: { x: "" },
    runs: [fails("-d x status", "could not find migrations directory `x`",
      "could not find migrations directory `x`")],
    versions: "no table",
  },
  {
    title: "a folder without files",
    runs: [
      run("status", { out: ["", "Applied: 0", "Pending: 0"] }),
      fails("up", "no migration files found", "no migration files found"),
      fails("migrate", "no migration files found", "no migration files found"),
    ],
    versions: "no table",
  },
  {
    title: "a folder without files and no database",
    because: ["writes-late"],
    database: "missing",
    runs: [fails("up", "no migration files found", "no migration files found", {
      out: differ(["Creating: {database}"], []),
    })],
    versions: differ<Versions>("no table", "no database"),
  },
  {
    title: "the current folder",
    files: { "1_a.sql": table("a") },
    runs: [
      { args: ["-d", "", "up"], status: 0, out: applies("1_a.sql") },
      run("-d . status", { out: lists("+1_a.sql") }),
    ],
    versions: ["1"],
  },
];

const links: readonly Case[] = [
  {
    title: "a link to a file",
    files: { "x.sql": table("a") },
    links: { "db/migrations/1_a.sql": "../../x.sql" },
    runs: [run("up", { out: applies("1_a.sql") }), run("rollback", { out: rollsBack("1_a.sql") })],
    versions: [],
  },
  {
    title: "a folder that is a link",
    files: { "real/1_a.sql": table("a") },
    links: { linked: "real" },
    runs: [run("-d linked up", { out: applies("1_a.sql") })],
    versions: ["1"],
  },
  ...([
    ["a link to a folder", "../../d", "is a directory", "2_b.sql is a folder, not a file"],
    ["a link to nothing", "nope", "no such file or directory", "2_b.sql does not exist"],
  ] as const).map(([title, target, dbmate, pgmate]): Case => {
    return {
      title,
      because: ["reads-first", "writes-late"],
      migrations: files("1_a.sql"),
      files: { "d/x.sql": nothing },
      links: { "db/migrations/2_b.sql": target },
      runs: [
        run("status", { out: lists("-1_a.sql", "-2_b.sql") }),
        fails("up", dbmate, pgmate, {
          out: differ([...applies("1_a.sql"), "Applying: 2_b.sql"], []),
        }),
      ],
      versions: differ<Versions>(["1"], "no table"),
    };
  }),
];

export const folderCases: readonly Case[] = [...names, ...folders, ...links];
