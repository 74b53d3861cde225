/** Cases about the command line: flags, commands, exit status, making and waiting. */
import {
  applies, type Case, differ, fails, files, lists, nothing, type Run, run, table, type Versions,
} from "./dbmate-case.ts";

const one = { "1_a.sql": table("a") };
const pending = lists("-1_a.sql");
const noUrl = { DATABASE_URL: undefined };
const help = { out: ["(help)"] };

/** dbmate prints its whole help on stdout beside the error; pgmate only says what is wrong. */
function misused(command: string, dbmate: string, pgmate: string, rest: Partial<Run> = {}): Run {
  return fails(command, dbmate, pgmate, { out: differ(["(help)"], []), ...rest });
}

function undefinedFlag(command: string, flag: string, pgmate: string): Run {
  return misused(command, `Error: flag provided but not defined: ${flag}`, pgmate);
}

const flags: readonly Case[] = [
  {
    title: "every form of a flag with a value",
    migrations: one,
    runs: ["--url {url}", "--url={url}", "-u {url}", "-u={url}", "-url {url}", "-url={url}"]
      .map((form) => run(`${form} status`, { env: noUrl, out: pending })),
    versions: "no table",
  },
  {
    title: "every form of a list",
    migrations: one,
    files: { "x/9_x.sql": nothing },
    runs: ["--migrations-dir x", "--migrations-dir=x", "-d=x", "-migrations-dir x", "-d x"]
      .map((form) => run(`${form} status`, { out: lists("-9_x.sql") })),
    versions: "no table",
  },
  {
    title: "the last of two values holds",
    migrations: one,
    runs: [
      run("-u postgres://nobody@127.0.0.1:1/x -u {url} status", { out: pending }),
      run("--migrations-table a --migrations-table b up", { out: applies("1_a.sql") }),
    ],
    ledger: "b",
    versions: ["1"],
  },
  {
    title: "the words true and false",
    migrations: one,
    runs: [
      run("up --strict=false --verbose=F", { out: applies("1_a.sql") }),
      run("status --exit-code --exit-code=false", { out: lists("+1_a.sql") }),
      ...["1", "t", "T", "TRUE", "true", "True"].map((word) => run(`up --strict=${word}`)),
      ...["0", "f", "F", "FALSE", "false", "False"].map((word) => run(`up --strict=${word}`)),
    ],
    versions: ["1"],
  },
  {
    title: "words that are neither true nor false",
    because: ["usage-errors"],
    migrations: one,
    runs: [
      misused("up --strict=maybe", 'invalid boolean value "maybe"', "--strict is neither"),
      misused("up --verbose=yes", 'invalid boolean value "yes"', "--verbose is neither"),
    ],
    versions: "no table",
  },
  {
    title: "a flag that is true or false is given nothing",
    because: ["usage-errors"],
    migrations: one,
    runs: [misused("up --strict=", 'invalid boolean value ""', "--strict is neither")],
    versions: "no table",
  },
  {
    title: "durations",
    migrations: one,
    runs: ["1s", "500ms", "1m30s", "1.5s", "0", "-1s", "1h", "+1s", ".5s", "1us", "1µs"]
      .map((time) => run(`--wait-timeout ${time} status`, { out: pending })),
    versions: "no table",
  },
  {
    title: "what is no duration",
    because: ["usage-errors"],
    migrations: one,
    runs: [
      ...["90", "1d", "1e3s", "s", "1s1"].map((time) => {
        return misused(`--wait-timeout ${time} status`, `invalid value "${time}"`,
          `--wait-timeout is no duration: "${time}"`);
      }),
      misused("status", "could not parse", "$DBMATE_WAIT_INTERVAL is no duration", {
        env: { DBMATE_WAIT_INTERVAL: "90" },
      }),
    ],
    versions: "no table",
  },
  {
    title: "flags that nobody knows",
    because: ["usage-errors"],
    migrations: one,
    runs: [
      undefinedFlag("--bogus up", "-bogus", "unknown option: --bogus"),
      undefinedFlag("up --bogus", "-bogus", "unknown option: --bogus"),
      undefinedFlag("up --migrations x", "-migrations", "did you mean --migrations-dir?"),
      undefinedFlag("-vs up", "-vs", "unknown option: -vs"),
      undefinedFlag("status --strict", "-strict", "--strict is not an option of status"),
      undefinedFlag("create -v", "-v", "-v is not an option of create"),
      misused("--url", "flag needs an argument: -url", "--url needs a value"),
    ],
    versions: "no table",
  },
  {
    title: "a flag that nobody knows, and a value",
    because: ["usage-errors"],
    migrations: one,
    runs: [undefinedFlag("--URL x status", "-URL", "unknown option: --URL")],
    versions: "no table",
  },
  {
    title: "flags of all commands behind the command",
    because: ["flags-anywhere"],
    migrations: one,
    runs: [
      run("status -d db/migrations", {
        status: differ(2, 0),
        out: differ(["(help)"], pending),
        err: { dbmate: "flag provided but not defined: -d" },
      }),
      run("up --migrations-table led", {
        status: differ(2, 0),
        out: differ(["(help)"], applies("1_a.sql")),
        err: { dbmate: "flag provided but not defined: -migrations-table" },
      }),
    ],
    ledger: "led",
    versions: differ<Versions>("no table", ["1"]),
    shows: { sql: "select to_regclass('a') is not null", is: differ(false, true) },
  },
  {
    title: "flags of a command before it",
    because: ["flags-anywhere"],
    migrations: one,
    runs: [run("--exit-code status", {
      status: differ(2, 1),
      out: differ(["(help)"], pending),
      err: { dbmate: "flag provided but not defined: -exit-code" },
    })],
    versions: "no table",
  },
  {
    title: "words that no command takes",
    because: ["stray-arguments"],
    migrations: one,
    runs: [
      run("status extra --exit-code", {
        status: differ(0, 2), out: differ(pending, []), err: { pgmate: "takes no argument" },
      }),
      run("wait x", { status: differ(0, 2), err: { pgmate: "wait takes no argument" } }),
      run("migrate 20240101", {
        status: differ(0, 2),
        out: differ(applies("1_a.sql"), []),
        err: { pgmate: "pgmate migrate --to 20240101" },
      }),
      run("rollback 2", {
        status: differ(0, 2),
        out: differ(["Rolling back: 1_a.sql", "Rolled back: 1_a.sql in T"], []),
        err: { pgmate: "pgmate rollback --steps 2" },
      }),
    ],
    versions: differ<Versions>([], "no table"),
    shows: { sql: "select to_regclass('schema_migrations') is null", is: differ(false, true) },
  },
  {
    title: "two dashes end the flags",
    migrations: one,
    runs: [
      run("-- status", { out: pending }),
      run("status --", { out: pending }),
      run("new -- -x", { out: ["Creating migration: db/migrations/{now}_-x.sql"] }),
    ],
    versions: "no table",
  },
];

const commands: readonly Case[] = [
  {
    title: "commands that nobody knows",
    migrations: one,
    runs: ["bogus", "UP", "stat", "1", "constructor", "help bogus"].map((command) => {
      const name = command.replace("help ", "");
      return fails(command, `No help topic for '${name}'`, `unknown command: ${name}`, {
        status: 3, out: [],
      });
    }),
    versions: "no table",
  },
  {
    title: "help",
    migrations: one,
    runs: [
      { args: [], status: 0, ...help },
      ...[
        "help", "h", "--help", "-h", "help up", "h up", "help down", "up --help", "up -h",
        "up help", "up -help", "new help", "new --help", "--help up",
      ].map((command) => run(command, help)),
    ],
    versions: "no table",
  },
  {
    title: "the version",
    migrations: one,
    runs: ["--version", "-v", "-version"]
      .map((command) => run(command, { out: ["{program} version {number}"] })),
    versions: "no table",
  },
  {
    title: "the version instead of the command",
    migrations: one,
    runs: ["--version up", "-v up", "-v status"]
      .map((command) => run(command, { out: ["{program} version {number}"] })),
    versions: "no table",
  },
  {
    title: "the exit status of status",
    migrations: one,
    runs: [
      run("status", { out: pending }),
      run("status --exit-code", { status: 1, out: pending }),
      run("status --quiet", { status: 1, out: [] }),
      run("status --quiet --exit-code=false", { status: 1, out: [] }),
      run("status --quiet=false", { out: pending }),
      run("up", { out: applies("1_a.sql") }),
      run("status --exit-code", { out: lists("+1_a.sql") }),
      run("status --quiet", { out: [] }),
      run("up", { out: [] }),
      run("migrate", { out: [] }),
    ],
    versions: ["1"],
  },
  {
    title: "a database that is not there",
    database: "missing",
    migrations: one,
    runs: ["status", "migrate", "rollback"].map((command) => {
      return fails(command, 'database "{database}" does not exist',
        'database "{database}" does not exist', { out: [] });
    }),
    versions: "no database",
  },
  {
    title: "up makes the database",
    database: "missing",
    migrations: one,
    runs: [
      run("up", { out: ["Creating: {database}", ...applies("1_a.sql")] }),
      run("up", { out: [] }),
    ],
    versions: ["1"],
  },
  {
    title: "create and drop",
    database: "missing",
    because: ["notices"],
    runs: [
      run("create", { out: ["Creating: {database}"] }),
      fails("create", 'database "{database}" already exists',
        'database "{database}" already exists', { out: ["Creating: {database}"] }),
      run("drop", { out: ["Dropping: {database}"] }),
      run("drop", { out: ["Dropping: {database}"], err: { pgmate: "NOTICE: database" } }),
    ],
    versions: "no database",
  },
];

const making = (name: string): Partial<Run> => {
  return { out: [`Creating migration: db/migrations/{now}_${name}.sql`] };
};

const creation: readonly Case[] = [
  {
    title: "new",
    runs: [
      run("new add_users", making("add_users")),
      run("n other", { ...making("other"), env: noUrl }),
      { args: ["new", "with blanks"], status: 0, ...making("with blanks") },
      run("new größe", making("größe")),
      fails("new", "please specify a name", "please specify a name", { out: [] }),
      { ...fails("new", "please specify a name", "please specify a name"), args: ["new", ""] },
      run("-d p/q,r new x", { out: ["Creating migration: p/q/{now}_x.sql"] }),
      run("-d ./p/../q// new x", { out: ["Creating migration: q/{now}_x.sql"] }),
    ],
    versions: "no table",
    made: [
      "{now}_add_users.sql", "{now}_größe.sql", "{now}_other.sql", "{now}_with blanks.sql",
    ],
  },
  {
    title: "names that lead elsewhere",
    because: ["new-names"],
    runs: [
      run("new ../../x", {
        status: differ(0, 2),
        out: differ(["Creating migration: db/migrations/x.sql"], []),
        err: { pgmate: "cannot hold a slash" },
      }),
      fails("new foo/bar", "no such file or directory", "cannot hold a slash", {
        out: differ(["Creating migration: db/migrations/{now}_foo/bar.sql"], []),
      }),
      run("new y.sql", {
        out: differ(
          ["Creating migration: db/migrations/{now}_y.sql.sql"],
          ["Creating migration: db/migrations/{now}_y.sql"],
        ),
      }),
    ],
    versions: "no table",
    made: differ(["x.sql", "{now}_y.sql.sql"], ["{now}_y.sql"]),
  },
  {
    title: "new with two names",
    because: ["stray-arguments"],
    runs: [run("new a b", {
      status: differ(0, 2),
      out: differ(["Creating migration: db/migrations/{now}_a.sql"], []),
      err: { pgmate: 'new takes no argument "b"' },
    })],
    versions: "no table",
    made: differ(["{now}_a.sql"], []),
  },
  {
    title: "new with a URL that cannot be read",
    because: ["new-without-url"],
    runs: [run("new x", {
      env: { DATABASE_URL: "postgres://h:x/y" },
      status: differ(2, 0),
      out: differ([], ["Creating migration: db/migrations/{now}_x.sql"]),
      err: { dbmate: "invalid port" },
    })],
    versions: "no table",
    made: differ([], ["{now}_x.sql"]),
  },
];

const nobody = "-u postgres://postgres:x@127.0.0.1:1/x?sslmode=disable --wait-timeout 300ms "
  + "--wait-interval 100ms";
const stranger = "-u postgres://postgres:wrong@{host}:{port}/x?sslmode=disable "
  + "--wait-timeout=300ms --wait-interval=100ms";
const inVain = "unable to connect to database";

const waiting: readonly Case[] = [
  {
    title: "waiting for a server that is there",
    migrations: one,
    runs: [
      run("wait", { out: [] }),
      run("--wait wait", { out: [] }),
      run("--wait up", { out: applies("1_a.sql") }),
      run("status", { env: { DBMATE_WAIT: "true" }, out: lists("+1_a.sql") }),
    ],
    versions: ["1"],
  },
  {
    title: "waiting where only the database is missing",
    database: "missing",
    migrations: one,
    runs: [
      run("wait", { out: [] }),
      run("--wait up", { out: ["Creating: {database}", ...applies("1_a.sql")] }),
    ],
    versions: ["1"],
  },
  {
    title: "waiting in vain",
    migrations: files("1_a.sql"),
    runs: [`${nobody} wait`, `${nobody} --wait status`, `${stranger} wait`].map((command) => {
      return fails(command, inVain, inVain, { out: ["Waiting for database..."] });
    }),
    versions: "no table",
  },
];

export const commandCases: readonly Case[] = [...flags, ...commands, ...creation, ...waiting];
