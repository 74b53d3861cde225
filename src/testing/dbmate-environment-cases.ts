/** Cases about variables and the files they stand in. */
import {
  applies, type Case, differ, fails, lists, run, type Run, table, type Versions,
} from "./dbmate-case.ts";

const one = { "1_a.sql": table("a") };
const pending = lists("-1_a.sql");
const noUrl = { DATABASE_URL: undefined };
const noUrlThere = "invalid url, have you set your --url flag or DATABASE_URL";
const noUrlHere = "no database URL is given";
const verbose = ["Applying: 1_a.sql", "Rows affected: 0", "Applied: 1_a.sql in T"];

/** An env file that names the ledger: what its table is called shows how the text was read. */
function names(title: string, text: string, ledger: string, rest: Partial<Case> = {}): Case {
  return {
    title,
    migrations: one,
    files: { ".env": text },
    runs: [run("up")],
    ledger,
    versions: ["1"],
    ...rest,
  };
}

function unreadable(command: string, rest: Partial<Run> = {}): Run {
  return fails(command, "Error: loading env file(s) [.env]", "Error: .env, line 2: expected", {
    status: 3, out: [], ...rest,
  });
}

const urls: readonly Case[] = [
  {
    title: "no URL",
    migrations: one,
    runs: [
      ...["status", "up", "wait", "create", "drop"].map((command) => {
        return fails(command, noUrlThere, noUrlHere, { env: noUrl, out: [] });
      }),
      fails("-e NOPE status", noUrlThere, noUrlHere, { out: [] }),
    ],
    versions: "no table",
  },
  {
    title: "the URL in another variable",
    migrations: one,
    runs: [
      ...["-e OTHER", "--env OTHER", "--env=OTHER", "-env OTHER"].map((form) => {
        return run(`${form} status`, { env: { ...noUrl, OTHER: "{url}" }, out: pending });
      }),
      run("-u {url} -e NOPE status", { env: noUrl, out: pending }),
    ],
    versions: "no table",
  },
  {
    title: "an empty URL",
    because: ["empty-url"],
    migrations: one,
    runs: [run("-u= status", {
      status: differ(0, 2),
      out: differ(pending, []),
      err: { pgmate: "--url is given and empty" },
    })],
    versions: "no table",
  },
  {
    title: "the driver",
    migrations: one,
    runs: [
      run("--driver postgres status", { out: pending }),
      run("--driver=postgres -u http://{login}@{host}:{port}/{database}?sslmode=disable status", {
        out: pending,
      }),
      run("status", { env: { DBMATE_DRIVER: "postgresql" }, out: pending }),
      fails("--driver foo status", "unsupported driver: foo", "unsupported driver: foo"),
    ],
    versions: "no table",
  },
];

const variables: readonly Case[] = [
  {
    title: "variables about the logs of other programs",
    migrations: one,
    runs: ["error", "30", "notice", "OFF", "x=trace"].map((LOG_LEVEL) => run("up", {
      sql: "drop table if exists schema_migrations, a",
      env: { LOG_LEVEL, LOG_FORMAT: "%(asctime)s:%(name)s@%(message)s" },
      out: applies("1_a.sql"),
    })),
    versions: ["1"],
  },
  {
    title: "variables that are true or false",
    migrations: one,
    runs: ([
      ["1", true], ["t", true], ["TRUE", true], ["0", false], ["False", false], ["", false],
    ] as const).map(([word, shows]) => run("up", {
      sql: "drop table if exists schema_migrations, a",
      env: { DBMATE_VERBOSE: word },
      out: shows ? verbose : applies("1_a.sql"),
    })),
    versions: ["1"],
  },
  {
    title: "variables that are neither true nor false",
    because: ["usage-errors"],
    migrations: one,
    runs: ["yes", "on", " ", "2"].map((word) => {
      return fails("up", `could not parse "${word}" as bool`, "$DBMATE_STRICT is neither", {
        env: { DBMATE_STRICT: word }, out: differ(["(help)"], []),
      });
    }),
    versions: "no table",
  },
  {
    title: "a bad variable that the command does not look at",
    migrations: one,
    runs: [run("status", { env: { DBMATE_STRICT: "yes" }, out: pending })],
    versions: "no table",
  },
  {
    title: "the flag comes before the variable, the variable before the file",
    migrations: one,
    files: { ".env": "DBMATE_MIGRATIONS_TABLE=three\nDBMATE_VERBOSE=1\n" },
    runs: [
      run("--migrations-table led up", { env: { DBMATE_MIGRATIONS_TABLE: "two" }, out: verbose }),
      run("status", { env: { DBMATE_MIGRATIONS_TABLE: "two" }, out: pending }),
      run("status", { env: { DBMATE_MIGRATIONS_TABLE: "led" }, out: lists("+1_a.sql") }),
      run("status", { out: pending }),
    ],
    ledger: "led",
    versions: ["1"],
  },
  {
    title: "empty variables",
    because: ["empty-variables"],
    migrations: one,
    runs: [
      run("status", {
        env: { DBMATE_WAIT: "", DBMATE_WAIT_TIMEOUT: "", DBMATE_DRIVER: "", DBMATE_STRICT: "" },
        out: pending,
      }),
      run("status", {
        env: { DBMATE_MIGRATIONS_DIR: "" }, out: differ(["", "Applied: 0", "Pending: 0"], pending),
      }),
      run("up", {
        env: { DBMATE_MIGRATIONS_TABLE: "" },
        status: differ(2, 0),
        out: differ([], applies("1_a.sql")),
        err: { dbmate: "zero-length delimited identifier" },
      }),
    ],
    versions: differ<Versions>("no table", ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  },
];

const files: readonly Case[] = [
  {
    title: "the URL in .env",
    migrations: one,
    files: { ".env": "# here\n\nexport DATABASE_URL = \"{url}\" # there\n" },
    runs: [run("status", { env: noUrl, out: pending })],
    versions: "no table",
  },
  {
    title: "a variable of the process stays, even an empty one",
    migrations: one,
    files: { ".env": "DATABASE_URL=postgres://nobody@127.0.0.1:1/x\n" },
    runs: [
      run("status", { out: pending }),
      fails("status", "invalid url", "no database URL is given", { env: { DATABASE_URL: "" } }),
    ],
    versions: "no table",
  },
  {
    title: "other files instead of .env",
    migrations: one,
    files: {
      ".env": "DBMATE_VERBOSE=1\n",
      "x.env": "DBMATE_MIGRATIONS_TABLE=led\n",
      "y.env": "DBMATE_MIGRATIONS_TABLE=other\nDBMATE_STRICT=1\n",
    },
    runs: [
      run("--env-file nope status", { out: pending }),
      run("--env-file x.env,y.env status", { out: pending }),
      run("--env-file x.env --env-file y.env up", { out: applies("1_a.sql") }),
    ],
    ledger: "led",
    versions: ["1"],
  },
  {
    title: "--env-file=x",
    because: ["env-file-equals"],
    migrations: one,
    files: { ".env": "DBMATE_MIGRATIONS_TABLE=other\n", "x.env": "DBMATE_MIGRATIONS_TABLE=led\n" },
    runs: [run("--env-file=x.env up", { out: applies("1_a.sql") })],
    ledger: "led",
    versions: differ<Versions>("no table", ["1"]),
    shows: { sql: "select to_regclass('other') is not null", is: differ(true, false) },
  },
  {
    title: "an env file that cannot be read",
    because: ["broken-env-file"],
    migrations: one,
    files: { ".env": "A=1\nwhat is this\n", "d/x": "" },
    runs: [
      unreadable("status"),
      unreadable("new x"),
      run("--version", {
        status: differ(3, 0),
        out: differ([], ["{program} version {number}"]),
        err: { dbmate: "loading env file(s)" },
      }),
      run("up --help", {
        status: differ(3, 0), out: differ([], ["(help)"]), err: { dbmate: "loading env file(s)" },
      }),
      fails("--env-file d status", "read d: is a directory", "d cannot be read", { status: 3 }),
    ],
    versions: "no table",
  },
  {
    title: "an env file with a byte order mark",
    because: ["env-file-bom"],
    migrations: one,
    files: { ".env": "\ufeffDBMATE_VERBOSE=1\n" },
    runs: [run("up", {
      status: differ(3, 0), out: differ([], verbose), err: { dbmate: "unexpected character" },
    })],
    versions: differ<Versions>("no table", ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  },
  names("an env file with CRLF", "DBMATE_MIGRATIONS_TABLE=led\r\nB=1\r\n", "led"),
  names("a colon instead of an equals sign", "DBMATE_MIGRATIONS_TABLE: led\n", "led"),
  names("variables of the same file", "A=le\nB=${A}d\nDBMATE_MIGRATIONS_TABLE=x$B${NOPE}${HOME}\n",
    "xled"),
  names("single quotes", "A=le\nDBMATE_MIGRATIONS_TABLE='$A d' # it\n", "$A d"),
  names("double quotes", 'A=le\nDBMATE_MIGRATIONS_TABLE="${A}\\nd \\"x\\" \\$A #"\n',
    'le\nd "x" $A #'),
  names("a line break in quotes", 'DBMATE_MIGRATIONS_TABLE="a\nb"\n', "a\nb"),
  names("a comment behind a value", "DBMATE_MIGRATIONS_TABLE= a#b # c\n", "a#b"),
  names("quotes inside", "DBMATE_MIGRATIONS_TABLE=a\"b'c\n", "a\"b'c"),
  names("the last of two lines", "DBMATE_MIGRATIONS_TABLE=a\nDBMATE_MIGRATIONS_TABLE=b\n", "b"),
  names("a dollar and small letters", "word=x\nDBMATE_MIGRATIONS_TABLE=pa$word${word}\n",
    "pa$word${word}"),
  names("a dollar and a parenthesis", "A=x\nDBMATE_MIGRATIONS_TABLE=$(A)\n", "x)"),
  names("a hash at once", "DBMATE_MIGRATIONS_TABLE=#q\n", "#q"),
  names("two hashes", "DBMATE_MIGRATIONS_TABLE=q # a # b\n", "q # a"),
];

export const environmentCases: readonly Case[] = [...urls, ...variables, ...files];
