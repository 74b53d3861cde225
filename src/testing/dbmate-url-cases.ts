/** Cases about database URLs and the PG variables. */
import {
  applies, type Case, differ, fails, files, lists, run, type Run, type Versions,
} from "./dbmate-case.ts";

const pending = lists("-1_a.sql");
const migrations = files("1_a.sql");

/** `status` at a URL, which may hold blanks. */
function at(url: string, rest: Partial<Run> = {}): Run {
  return { args: ["-u", url, "status"], status: 0, ...rest };
}

function works(url: string, env: Readonly<Record<string, string>> = {}): Run {
  return at(url, { env, out: pending });
}

function refused(url: string, dbmate: string, pgmate: string): Run {
  return at(url, { status: 2, out: [], err: { dbmate, pgmate } });
}

/** dbmate cannot, pgmate can. */
function worksHere(url: string, dbmate: string, env: Readonly<Record<string, string>> = {}): Run {
  return at(url, { env, status: differ(2, 0), out: differ([], pending), err: { dbmate } });
}

/** dbmate goes somewhere, pgmate does not. */
function worksThere(url: string, pgmate: string, env: Readonly<Record<string, string>> = {}): Run {
  return at(url, { env, status: differ(0, 2), out: differ(pending, []), err: { pgmate } });
}

const door = "{host}:{port}/{database}";
const plain = `{login}@${door}?sslmode=disable`;
const socket = "host={socket}&port={port}";

const alike: readonly Case[] = [
  {
    title: "schemes",
    migrations,
    runs: [
      works(`postgres://${plain}`),
      works(`postgresql://${plain}`),
      works(`POSTGRES://${plain}`),
      works(`postgres://${plain}#fragment`),
      refused(`pg://${plain}`, "unsupported driver: pg", 'the scheme "pg"'),
      refused("host={host} dbname={database}", "invalid url", "a string of name=value parts"),
      refused("nonsense", "invalid url", "does not begin with postgres://"),
      refused(`"postgres://${plain}"`, "first path segment in URL", "is in quotes"),
      refused(` postgres://${plain}`, "first path segment in URL", "has blanks around it"),
    ],
    versions: "no table",
  },
  {
    title: "sockets",
    migrations,
    runs: [
      works("postgres://{user}@/{database}?socket={socket}&port={port}"),
      works(`postgres://{user}@/{database}?${socket}`),
      works(`postgres:///{database}?${socket}&user={user}`),
      works(`postgres://nowhere:1/{database}?${socket}&user={user}`),
      works("postgres://{user}@nowhere/{database}?socket={socket}&port={port}"),
    ],
    versions: "no table",
  },
  {
    title: "user and password elsewhere",
    migrations,
    files: { ".pgpass": "*:*:*:*:wrong\n" },
    runs: [
      works(`postgres://${door}?sslmode=disable`, { PGUSER: "{user}", PGPASSWORD: "{password}" }),
      works(`postgres://{user}@${door}?sslmode=disable`, { PGPASSWORD: "{password}" }),
      works(`postgres://{login}@${door}?sslmode=disable`, { PGUSER: "no", PGPASSWORD: "no" }),
    ],
    versions: "no table",
  },
  {
    title: "host and port from variables",
    migrations,
    runs: [
      works("postgres://{login}@/{database}?sslmode=disable", {
        PGHOST: "{host}", PGPORT: "{port}",
      }),
      works("postgres://{user}@/{database}", { PGHOST: "{socket}", PGPORT: "{port}" }),
      works("{url}", { PGHOST: "no", PGPORT: "1", PGDATABASE: "no" }),
    ],
    versions: "no table",
  },
  {
    title: "settings for the session",
    migrations: { "1_a.sql": "-- migrate:up\ncreate table a as select current_setting('work_mem')"
      + " w, current_setting('statement_timeout') s;\n-- migrate:down\n" },
    runs: [run("-u {url}&work_mem=2MB&work_mem=3MB&statement_timeout=5s&connect_timeout=9 up")],
    versions: ["1"],
    shows: { sql: "select a::text from a", is: "(2MB,5s)" },
  },
  {
    title: "settings that do not exist or cannot be",
    migrations,
    runs: [
      refused("{url}&nonsense=1", 'unrecognized configuration parameter "nonsense"',
        'does not accept the setting "nonsense"'),
      refused("{url}&client_encoding=latin1", "unsupported client_encoding", "client_encoding"),
      works("{url}&client_encoding=UTF8"),
      works("{url}&application_name=hello&binary_parameters=yes"),
      works("{url}&target_session_attrs=read-write"),
      refused("{url}&target_session_attrs=standby", "not in hot standby mode", "is a primary"),
    ],
    versions: "no table",
  },
  {
    title: "modes of TLS",
    migrations,
    runs: [
      works(`postgres://{login}@${door}?sslmode=prefer`),
      works(`postgres://{login}@${door}?sslmode=allow`),
      works(`postgres://{login}@${door}`, { PGSSLMODE: "disable" }),
      refused(`postgres://{login}@${door}?sslmode=require`, "SSL is not enabled on the server",
        "does not speak TLS"),
      refused(`postgres://{login}@${door}?sslmode=bogus`, 'wrong value for "sslmode"',
        'sslmode "bogus"'),
    ],
    versions: "no table",
  },
  {
    title: "who cannot get in",
    migrations,
    runs: [
      refused(`postgres://{user}:wrong@${door}?sslmode=disable`, "password authentication failed",
        "does not accept the password"),
      refused(`postgres://nobody@${door}?sslmode=disable`, "password authentication failed",
        'wants a password for user "nobody"'),
      refused("postgres://{login}@{host}:{port}/a%2Fb%20c?sslmode=disable",
        'database "a/b c" does not exist', 'database "a/b c" does not exist'),
      refused("postgres://u:x@127.0.0.1:1/d", "connection refused", "connection refused"),
      refused("postgres://u:x@127.0.0.1:abc/d", 'invalid port ":abc"', "the port in the database"),
      refused("postgres://u:x@127.0.0.1:99999/d", 'wrong value for "port"', "the port in the"),
    ],
    versions: "no table",
  },
  {
    title: "names of databases",
    migrations,
    runs: [
      run("-u postgres://{login}@{host}:{port}/{database}%2Fb%20c%22É?sslmode=disable create", {
        out: ['Creating: {database}/b c"É'],
      }),
      run("-u postgres://{login}@{host}:{port}/{database}/b%20c%22É?sslmode=disable up", {
        out: applies("1_a.sql"),
      }),
      run("-u postgres://{login}@{host}:{port}/{database}%2Fb%20c%22%C3%89?sslmode=disable drop", {
        out: ['Dropping: {database}/b c"É'],
      }),
    ],
    versions: "no table",
  },
];

const different: readonly Case[] = [
  {
    title: "a server without TLS and no sslmode",
    because: ["tls-prefer"],
    migrations,
    runs: [worksHere(`postgres://{login}@${door}`, "SSL is not enabled on the server")],
    versions: "no table",
  },
  {
    title: "other databases",
    because: ["other-databases"],
    migrations,
    runs: [
      worksThere(`redshift://${plain}`, 'the scheme "redshift"'),
      worksThere(`spanner-postgres://${plain}`, 'the scheme "spanner-postgres"'),
      worksThere("sqlite:db/migrations/x", "does not begin with postgres://"),
    ],
    versions: "no table",
    made: differ(["1_a.sql", "x"], ["1_a.sql"]),
  },
  {
    title: "a URL without a database",
    because: ["no-database-name"],
    migrations,
    runs: [
      worksThere("postgres://{login}@{host}:{port}/?sslmode=disable", "does not name a database"),
      worksThere("postgres://{login}@{host}:{port}?sslmode=disable", "does not name a database", {
        PGDATABASE: "{database}",
      }),
      fails("-u postgres://{login}@{host}:{port}/?sslmode=disable create",
        "zero-length delimited identifier", "does not name a database",
        { out: differ(["Creating: "], []) }),
    ],
    versions: "no table",
  },
  {
    title: "several hosts",
    because: ["libpq-urls"],
    migrations,
    runs: [
      worksHere(`postgres://{login}@127.0.0.1:1,${door}?sslmode=disable`, "no such host"),
      worksHere("postgres://{login}@127.0.0.1,{host}/{database}?sslmode=disable&port=1,{port}",
        "invalid port"),
    ],
    versions: "no table",
  },
  {
    title: "a socket in the place of the host",
    because: ["libpq-urls"],
    migrations,
    runs: [worksHere("postgres://{user}@{socketInHost}:{port}/{database}", "invalid URL escape")],
    versions: "no table",
  },
  {
    title: "a line break behind the URL",
    because: ["libpq-urls"],
    migrations,
    runs: [worksHere(`postgres://${plain}\n`, "invalid control character in URL")],
    versions: "no table",
  },
  {
    title: "IPv6",
    because: ["ipv6"],
    migrations,
    runs: [at("postgres://{login}@[::1]:1/{database}?sslmode=disable", {
      status: 2, err: { dbmate: "[::1:1]:5432", pgmate: "[::1]:1" },
    })],
    versions: "no table",
  },
  {
    title: "variables of libpq that are harmless",
    because: ["pg-variables"],
    migrations,
    runs: [
      worksHere("{url}", "$PGGSSENCMODE is not supported", { PGGSSENCMODE: "disable" }),
      worksHere("{url}", "$PGREQUIRESSL is not supported", { PGREQUIRESSL: "0" }),
      worksHere("{url}", "$PGCHANNELBINDING is not supported", { PGCHANNELBINDING: "disable" }),
      worksHere("{url}", "wrong value for $PGPORT", { PGPORT: "" }),
      worksHere("{url}", 'unsupported datestyle "ISO"', { PGDATESTYLE: "ISO" }),
    ],
    versions: "no table",
  },
  {
    title: "making a database on the host of PGHOST",
    because: ["pg-host-create"],
    database: "missing",
    migrations,
    runs: [run("-u postgres:///{database} up", {
      env: { PGHOST: "{socket}", PGPORT: "{port}", PGUSER: "{user}" },
      status: differ(2, 0),
      out: differ([], ["Creating: {database}", ...applies("1_a.sql")]),
      err: { dbmate: 'database "{database}" does not exist' },
    })],
    versions: differ<Versions>("no database", ["1"]),
  },
  {
    title: "a password that a URL cannot hold as it is",
    because: ["passwords"],
    migrations,
    runs: ([
      ["pa ss", "net/url: invalid userinfo", "pa ss"],
      ["p#ssword", 'parse "postgres://postgres:p"', ":p\""],
      ["p@ss/w0rd", "lookup ss", "lookup ss"],
    ] as const).map(([password, dbmate, secret]) => {
      return {
        ...refused(`postgres://{user}:${password}@${door}?sslmode=disable`, dbmate,
          "does not accept the password"),
        secret,
      };
    }),
    versions: "no table",
  },
];

export const urlCases: readonly Case[] = [...alike, ...different];
