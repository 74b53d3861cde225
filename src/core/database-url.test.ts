import { describe, expect, test } from "bun:test";

import { PgmateError } from "../errors.ts";
import type { Environment } from "./connection-settings.ts";
import {
  describeTarget,
  parseDatabaseUrl,
  serviceFile,
  withDatabase,
} from "./database-url.ts";
import type { ServerTarget } from "./database-url.ts";

const linux = { user: "me", home: "/home/me", platform: "linux" };

function parse(url: string, environment: Environment = {}, defaults = linux): ServerTarget {
  const target = parseDatabaseUrl(url, environment, defaults);
  if (target.kind !== "server") throw new Error("expected a server");
  return target;
}

function failure(url: string, environment: Environment = {}, defaults = linux): PgmateError {
  try {
    parseDatabaseUrl(url, environment, defaults);
  } catch (error) {
    if (error instanceof PgmateError) return error;
    throw error;
  }
  throw new Error("expected a refusal");
}

/** Each URL with what it is in a message, which holds user, hosts, ports and database. */
const places: readonly (readonly [string, string, Environment?])[] = [
  ["postgres://u:p@h:1234/d", "u@h:1234/d"],
  ["postgresql://u@h/d", "u@h:5432/d"],
  ["POSTGRES://u@h/d", "u@h:5432/d"],
  ["PostgreSQL://u@h/d", "u@h:5432/d"],
  ["postgres://h/d", "me@h:5432/d"],
  ["postgres://h/d", "you@h:5432/d", { PGUSER: "you" }],
  ["postgres://u@h/d", "u@h:5432/d", { PGUSER: "you" }],
  ["postgres://u@h:/d", "u@h:5432/d"],
  ["postgres://u@h/d", "u@h:6000/d", { PGPORT: "6000" }],
  ["postgres://u@h:1/d", "u@h:1/d", { PGPORT: "6000" }],
  ["postgres://u@h/d", "u@h:5432/d", { PGPORT: "", PGHOST: "", PGUSER: "" }],
  ["postgres:///d", "me@/var/run/postgresql:5432/d"],
  ["postgres:///d", "me@other:5432/d", { PGHOST: "other" }],
  ["postgres:///d", "me@/srv/pg:5432/d", { PGHOST: "/srv/pg" }],
  ["postgres:///d", "me@a:1,b:2/d", { PGHOST: "a,b", PGPORT: "1,2" }],
  ["postgres:///d?host=/tmp", "me@/tmp:5432/d"],
  ["postgres:///d?socket=/tmp", "me@/tmp:5432/d"],
  ["postgres://h:1/d?socket=/tmp", "me@/tmp:1/d"],
  ["postgres:///d?host=%2Ftmp&port=9", "me@/tmp:9/d"],
  ["postgres:///d?host=/cloudsql/project:region:instance",
    "me@/cloudsql/project:region:instance:5432/d"],
  ["postgres://%2Ftmp/d", "me@/tmp:5432/d"],
  ["postgres://u:p@%2Fvar%2Frun%2Fpg:77/d", "u@/var/run/pg:77/d"],
  ["postgres://u@h:1/d?host=g&port=2", "u@g:2/d"],
  ["postgres://u@h:1/d?host=g", "u@g:1/d"],
  ["postgres://u@h/d?user=v", "v@h:5432/d"],
  ["postgres://u@h?dbname=e", "u@h:5432/e"],
  ["postgres://u@h/d?dbname=e", "u@h:5432/e"],
  ["postgres://u@h/d?host=&port=&user=", "u@h:5432/d"],
  ["postgres://u@[::1]/d", "u@[::1]:5432/d"],
  ["postgres://u@[::1]:99/d", "u@[::1]:99/d"],
  ["postgres://u@[fe80::1%25eth0]:99/d", "u@[fe80::1%eth0]:99/d"],
  ["postgres://u@/d?host=::1", "u@[::1]:5432/d"],
  ["postgres://u@/d?host=[::1]", "u@[::1]:5432/d"],
  ["postgres://u@127.0.0.1/d", "u@127.0.0.1:5432/d"],
  ["postgres://u@a:1,b:2/d", "u@a:1,b:2/d"],
  ["postgres://u@a,b:2/d", "u@a:5432,b:2/d"],
  ["postgres://u@a,b/d", "u@a:5432,b:5432/d"],
  ["postgres://u@a,b/d?port=1,2", "u@a:1,b:2/d"],
  ["postgres://u@a,b/d?port=7", "u@a:7,b:7/d"],
  ["postgres://u@[::1]:1,[::2]:2,%2Ftmp/d", "u@[::1]:1,[::2]:2,/tmp:5432/d"],
  ["postgres:///d?host=a,b&port=1,2", "me@a:1,b:2/d"],
  ["postgres://u@/d?hostaddr=10.0.0.1", "u@10.0.0.1:5432/d"],
  ["postgres://u@h/d#fragment", "u@h:5432/d"],
  ["postgres://u@h/d?sslmode=require#fragment", "u@h:5432/d"],
  ["postgres://u@h/a%2Fb", "u@h:5432/a/b"],
  ["postgres://u@h/a/b", "u@h:5432/a/b"],
  ["postgres://u@h/My%20Shop", "u@h:5432/My Shop"],
  ["postgres://u@h/My Shop", "u@h:5432/My Shop"],
  ["postgres://u@h/a%22b", "u@h:5432/a\"b"],
  ["postgres://u@h/%C3%BC", "u@h:5432/ü"],
  ["postgres://u@h/ü", "u@h:5432/ü"],
  ["postgres://u%40corp@h/d", "u@corp@h:5432/d"],
  ["postgres://h/d?user=u@corp", "u@corp@h:5432/d"],
  ["postgres://h/d?application_name=a@b/c", "me@h:5432/d"],
  ["postgres://u@h/d\n", "u@h:5432/d"],
  ["postgres://u@h/d\r\n", "u@h:5432/d"],
  ["postgres://u@h/d", "u@h:5432/d", { PGDATABASE: "other" }],
  ["postgres://u@h/d", "u@h:5432/d", { PGHOST: "other" }],
];

describe("where", () => {
  for (const [url, expected, environment] of places) {
    test(`${url} ${environment === undefined ? "" : JSON.stringify(environment)}`, () => {
      expect(describeTarget(parse(url, environment))).toBe(expected);
    });
  }
  test("elsewhere than on Linux", () => {
    const on = (platform: string): string =>
      describeTarget(parse("postgres:///d", {}, { ...linux, platform }));
    expect(on("darwin")).toBe("me@/tmp:5432/d");
    expect(on("win32")).toBe("me@localhost:5432/d");
  });
  test("a hostaddr goes with its host", () => {
    expect(parse("postgres://u@a,b/d?hostaddr=10.0.0.1,10.0.0.2").hosts).toEqual([
      { kind: "tcp", name: "a", address: "10.0.0.1", port: 5432 },
      { kind: "tcp", name: "b", address: "10.0.0.2", port: 5432 },
    ]);
  });
  test("PGHOSTADDR does not lead away from a host in the URL", () => {
    const environment = { PGHOSTADDR: "10.0.0.1" };
    expect(parse("postgres://u@h/d", environment).hosts).toEqual([
      { kind: "tcp", name: "h", address: undefined, port: 5432 },
    ]);
    expect(parse("postgres:///d", { ...environment, PGHOST: "h" }).hosts).toEqual([
      { kind: "tcp", name: "h", address: "10.0.0.1", port: 5432 },
    ]);
  });
  test("another database of the same server", () => {
    expect(describeTarget(withDatabase(parse("postgres://u@h/d"), "postgres")))
      .toBe("u@h:5432/postgres");
  });
});

const passwords: readonly (readonly [string, string | undefined, Environment?])[] = [
  ["postgres://u:secret@h/d", "secret"],
  ["postgres://u@h/d", undefined],
  ["postgres://u:@h/d", undefined],
  ["postgres://u@h/d", "env", { PGPASSWORD: "env" }],
  ["postgres://u:secret@h/d", "secret", { PGPASSWORD: "env" }],
  ["postgres://u:@h/d", "env", { PGPASSWORD: "env" }],
  ["postgres://:secret@h/d", "secret"],
  ["postgres://u@h/d?password=secret", "secret"],
  ["postgres://u:one@h/d?password=two", "two"],
  ["postgres://u:p%40ss%2Fw%3A0rd%23%3F%25@h/d", "p@ss/w:0rd#?%"],
  ["postgres://u:p@ss@h/d", "p@ss"],
  ["postgres://u:p@ss/w0rd@h/d", "p@ss/w0rd"],
  ["postgres://u:p/w0rd@h/d", "p/w0rd"],
  ["postgres://u:p#ss@h/d", "p#ss"],
  ["postgres://u:p?ss@h/d", "p?ss"],
  ["postgres://u:p:ss@h/d", "p:ss"],
  ["postgres://u:p ss@h/d", "p ss"],
  ["postgres://u:p+ss@h/d", "p+ss"],
  ["postgres://u:p&s=s@h/d", "p&s=s"],
  ["postgres://u:p[s]s@h/d", "p[s]s"],
  ["postgres://u:p'\"s@h/d", "p'\"s"],
  ["postgres://u:p\\s@h/d", "p\\s"],
  ["postgres://u:pässwörd@h/d", "pässwörd"],
  ["postgres://u:p%C3%A4ss@h/d", "päss"],
  ["postgres://u:p@ss/w?rd#1@h:1/d?sslmode=require", "p@ss/w?rd#1"],
  ["postgres://u:p@ss@/d?host=/tmp", "p@ss"],
  ["postgres://u:p@ss@[::1]:1/d", "p@ss"],
  ["postgres://u@h/d?password=a%2Bb+c", "a+b+c"],
  ["postgres://h/d?password=p@w/x", "p@w/x"],
];

describe("password", () => {
  for (const [url, expected, environment] of passwords) {
    test(`${url} ${environment === undefined ? "" : JSON.stringify(environment)}`, () => {
      const target = parse(url, environment);
      expect(target.password).toBe(expected);
      expect(target.database).toBe("d");
      expect(describeTarget(target)).not.toContain(expected ?? "secret");
    });
  }
  test("passfile", () => {
    expect(parse("postgres://h/d").passfile.path).toBe("/home/me/.pgpass");
    expect(parse("postgres://h/d", { PGPASSFILE: "/p" }).passfile.path).toBe("/p");
    expect(parse("postgres://h/d?passfile=/q", { PGPASSFILE: "/p" }).passfile.path).toBe("/q");
    const windows = { ...linux, platform: "win32" };
    expect(parse("postgres://h/d", { APPDATA: "C:\\A" }, windows).passfile.path)
      .toBe("C:\\A/postgresql/pgpass.conf");
  });
});

/** Each refusal with its code and a part of its message or hint. */
const refusals: readonly (readonly [string, string, RegExp, Environment?])[] = [
  ["", "url-missing", /DATABASE_URL/],
  ["  ", "url-missing", /no database URL/],
  ["\n", "url-missing", /no database URL/],
  ["postgres://", "url-no-database", /does not name a database/],
  ["postgres://u@h", "url-no-database", /postgres:\/\/user@host:5432\/name/],
  ["postgres://u@h/", "url-no-database", /database/],
  ["postgres://u@h/", "url-no-database", /database/, { PGDATABASE: "other" }],
  ["postgres://u@h/?dbname=", "url-no-database", /database/],
  [" postgres://u@h/d", "url", /blanks/],
  ["postgres://u@h/d ", "url", /blanks/],
  ["\tpostgres://u@h/d", "url", /blanks/],
  ["\"postgres://u@h/d\"", "url", /quotes/],
  ["'postgres://u@h/d'", "url", /quotes/],
  ["host=h dbname=d", "url", /name=value.*not supported.*postgres:\/\//s],
  ["dbname = d", "url", /name=value/],
  ["postgres:u@h/d", "url", /no \/\/ after postgres:/],
  ["u:hunter2@h/d", "url", /does not begin with postgres:/],
  ["//u:hunter2@h/d", "url", /does not begin with postgres:/],
  ["h/d", "url", /does not begin with postgres:/],
  ["mysql://u:hunter2@h/d", "url", /"mysql".*PostgreSQL only/],
  ["redshift://u:hunter2@h/d", "url", /"redshift".*PostgreSQL only/],
  ["spanner-postgres://h/d", "url", /"spanner-postgres".*PostgreSQL only/],
  ["jdbc:postgresql://h/d", "url", /jdbc:/],
  ["postgresql+psycopg2://u:hunter2@h/d", "url", /plus sign/],
  ["prisma+postgres://h/d", "url", /prisma/],
  ["postgres://u@h:port/d", "url", /port in the database URL is not a number/],
  ["postgres://u@h:70000/d", "url", /1 to 65535/],
  ["postgres://u@h:0/d", "url", /1 to 65535/],
  ["postgres://u@h:-1/d", "url", /1 to 65535/],
  ["postgres://u@h/d?port=x", "url", /1 to 65535/],
  ["postgres://u@h/d", "url", /port in PGPORT.*unset PGPORT/s, { PGPORT: "x" }],
  ["postgres://u:hunter2/x@", "url-no-database", /%2F/],
  ["postgres://u:hunter2/d", "url", /port.*%2F/s],
  ["postgres://u:hunter2?a=b@h/d", "url", /port.*%2F/s],
  ["postgres://::1/d", "url", /brackets/],
  ["postgres://u@::1:5432/d", "url", /brackets/],
  ["postgres://u@[::1/d", "url", /brackets/],
  ["postgres://u@h1:1,h2:2/d?port=1,2,3", "url", /3 ports for 2 hosts/],
  ["postgres://u@h/d", "url", /PGPORT has 2 ports for 1 host$/m, { PGPORT: "1,2" }],
  ["postgres://u@a,b/d?hostaddr=10.0.0.1", "url", /1 addresses .* for 2 hosts/],
  ["postgres://u@/d?host=@abstract", "url", /abstract/],
  ["postgres://u:hunter2%@h/d", "url", /password.*%25/s],
  ["postgres://u:hunter2%zz@h/d", "url", /password.*%25/s],
  ["postgres://u%@h/d", "url", /user name/],
  ["postgres://u@h%/d", "url", /host/],
  ["postgres://u@h/100%", "url", /database name/],
  ["postgres://u@h/d?search_path=%", "url", /"search_path"/],
  ["postgres://u@h/d?%=1", "url", /name of a parameter/],
  ["postgres://u:%FF@h/d", "url", /password.*UTF-8/],
  ["postgres://u@h/d%00", "url", /NUL/],
  ["postgres://u@h/d?sslmode", "url", /name=value/],
  ["postgres://u@h/d?=1", "url", /name=value/],
  ["postgres://u@h/d?sslmode=on", "url",
    /sslmode "on" .* disable, allow, prefer, require, verify-ca, verify-full/],
  ["postgres://u@h/d", "url", /sslmode "on" in PGSSLMODE/, { PGSSLMODE: "on" }],
  ["postgres://u@h/d?ssl=1", "url", /"ssl".*sslmode=require/s],
  ["postgres://u@h/d?sslmode=require&sslrootcert=system", "url", /verify-full/],
  ["postgres://u@h/d?sslnegotiation=direct", "url", /sslnegotiation=direct.*sslmode=prefer/],
  ["postgres://u@h/d?sslmode=disable&channel_binding=require", "url", /channel_binding/],
  ["postgres://u@h/d?target_session_attrs=x", "url", /"x".*read-write/],
  ["postgres://u@h/d?connect_timeout=soon", "url", /connect_timeout/],
  ["postgres://u@h/d?connect_timeout=1.5", "url", /connect_timeout/],
  ["postgres://u@h/d?keepalives=x", "url", /keepalives/],
  ["postgres://u@h/d?schema=app", "url", /"schema".*search_path/s],
  ["postgres://u@h/d?pgbouncer=true", "url", /"pgbouncer".*directly/s],
  ["postgres://u@h/d?pool_max_conns=1", "url", /pool_max_conns/],
  ["postgres://u@h/d?replication=database", "url", /replication/],
  ["postgres://u@h/d?require_auth=scram-sha-256", "url", /require_auth/],
  ["postgres://u@h/d?client_encoding=latin1", "url", /client_encoding/],
  ["postgres://u@h/d", "url", /PGGSSENCMODE.*unset/s, { PGGSSENCMODE: "require" }],
  ["postgres://u@h/d?service=s", "url", /service "s".*pg_service.conf/s],
  ["postgres://u@h/d", "url", /service "s"/, { PGSERVICE: "s" }],
  ["pglite:dir?x=1", "url", /parameters/],
  ["pglite:u:hunter2@h/d", "url", /user and a password/],
  ["pglite://u:hunter2/x@h:5432/d", "url", /user and a password/],
  ["postgres:///u:hunter2@h/d", "url", /two slashes/],
  ["postgres:///u:x?y=hunter2@h/d", "url", /two slashes/],
  ["postgres:///u:x#hunter2@h/d", "url", /two slashes/],
  ["postgres://h/u:hunter2@h/d", "url", /where the name of the database stands.*%40/s],
  ["postgres://u:x@y?z=hunter2@h/d", "url", /looks like a host.*%3F/s],
  ["postgres://u:5432/hun#ter2?z=y@h:1/d", "url", /follows a #.*%23/s],
  ["postgres://u:5432/hun?a=mo/t@h:1/d", "url", /looks like a host.*%3F/s],
  ["postgres://u:/hunter2?z=@h/d", "url", /looks like a host.*%3F/s],
];

describe("refused", () => {
  for (const [url, code, words, environment] of refusals) {
    test(`${JSON.stringify(url)} ${environment === undefined ? "" : JSON.stringify(environment)}`,
      () => {
        const error = failure(url, environment);
        expect(error.code).toBe(code as typeof error.code);
        expect(`${error.message}\n${error.hint}`).toMatch(words);
        expect(`${error.message}${error.hint}${error.cause}`).not.toContain("hunter2");
      });
  }
  test("nobody to connect as", () => {
    expect(failure("postgres://h/d", {}, { ...linux, user: "" }).message).toContain("no user");
  });
});

describe("TLS", () => {
  const tls = (query: string, environment: Environment = {}): ServerTarget["tls"] =>
    parse(`postgres://u@h/d?${query}`, environment).tls;
  test("without a word", () => {
    expect(tls("")).toEqual({
      mode: "prefer",
      raisedBy: undefined,
      rootCertificates: { path: "/home/me/.postgresql/root.crt", mustExist: false },
      certificate: { path: "/home/me/.postgresql/postgresql.crt", mustExist: false },
      key: { path: "/home/me/.postgresql/postgresql.key", mustExist: false },
      keyPassword: undefined,
      revocations: { path: "/home/me/.postgresql/root.crl", mustExist: false },
      serverName: undefined,
      sendServerName: true,
      negotiation: "postgres",
      lowestVersion: "TLSv1.2",
      highestVersion: "TLSv1.3",
    });
  });
  const modes: readonly (readonly [string, string, Environment?])[] = [
    ["sslmode=disable", "disable"],
    ["sslmode=allow", "allow"],
    ["sslmode=verify-ca", "verify-ca"],
    ["sslmode=", "prefer"],
    ["sslmode=require&sslmode=disable", "require"],
    ["", "verify-full", { PGSSLMODE: "verify-full" }],
    ["sslmode=disable", "disable", { PGSSLMODE: "verify-full" }],
    ["ssl=true", "require"],
    ["ssl=true", "require", { PGSSLMODE: "disable" }],
    ["ssl=true&sslmode=verify-full", "verify-full"],
    ["sslrootcert=system", "verify-full"],
    ["sslmode=verify-full&sslrootcert=system", "verify-full"],
    ["channel_binding=prefer&sslmode=require", "require"],
    ["channel_binding=require&sslmode=require", "verify-full"],
    ["channel_binding=require&sslmode=verify-ca", "verify-ca"],
  ];
  for (const [query, mode, environment] of modes) {
    test(`${query} ${environment === undefined ? "" : JSON.stringify(environment)}`, () => {
      expect(tls(query, environment).mode).toBe(mode as ServerTarget["tls"]["mode"]);
    });
  }
  test("files that are named must be there", () => {
    const named = tls("sslmode=require&sslrootcert=r&sslcert=c&sslkey=k", { PGSSLCRL: "l" });
    expect(named).toMatchObject({
      rootCertificates: { path: "r", mustExist: true },
      certificate: { path: "c", mustExist: true },
      key: { path: "k", mustExist: true },
      revocations: { path: "l", mustExist: true },
    });
    expect(tls("sslmode=disable&sslrootcert=r").rootCertificates)
      .toEqual({ path: "r", mustExist: false });
  });
  test("the other parameters", () => {
    expect(tls("sslservername=n&sslsni=0&sslpassword=s&sslcertmode=disable")).toMatchObject({
      serverName: "n",
      sendServerName: false,
      keyPassword: "s",
      certificate: undefined,
      key: undefined,
    });
    expect(tls("", { DATABASE_TLS_SERVER_NAME: "n" }).serverName).toBe("n");
    expect(tls("sslservername=m", { DATABASE_TLS_SERVER_NAME: "n" }).serverName).toBe("m");
    expect(tls("sslmode=require&sslnegotiation=direct").negotiation).toBe("direct");
    expect(tls("channel_binding=require").raisedBy).toBe("channel_binding");
    expect(tls("ssl_min_protocol_version=tlsv1.3").lowestVersion).toBe("TLSv1.3");
  });
});

describe("settings", () => {
  test("every other parameter is a start-up setting, the first of a name counts", () => {
    const url = "postgres://u@h/d?search_path=a,b&statement_timeout=5s&search_path=c&my.own=x";
    expect(parse(url).startup).toEqual({
      search_path: "a,b",
      statement_timeout: "5s",
      "my.own": "x",
    });
    expect(parse(url).searchPath).toBe("a,b");
  });
  test("what concerns the client does not go to the server", () => {
    const url = "postgres://u@h/d?sslmode=disable&binary_parameters=yes&fallback_application_name=x"
      + "&connect_timeout=5&keepalives_count=3&gssencmode=disable&client_encoding=UTF8"
      + "&load_balance_hosts=random&krbsrvname=x&hostaddr=1.2.3.4&application_name=a";
    expect(parse(url).startup).toEqual({});
  });
  test("variables that stand for settings of the server", () => {
    const environment = { PGTZ: "UTC", PGDATESTYLE: "ISO", PGGEQO: "" };
    expect(parse("postgres://h/d", environment).startup)
      .toEqual({ TimeZone: "UTC", DateStyle: "ISO" });
    expect(parse("postgres://h/d?timezone=CET", { PGTZ: "UTC" }).startup)
      .toEqual({ timezone: "CET" });
  });
  test("options", () => {
    const options = (query: string): string | undefined =>
      parse(`postgres://u@h/d?options=${query}`).options;
    expect(options("-c%20search_path=a")).toBe("-c search_path=a");
    expect(options("-c+search_path=a+-c+geqo=off")).toBe("-c search_path=a -c geqo=off");
    expect(options("-c%20timezone=GMT%2B5")).toBe("-c timezone=GMT+5");
    expect(parse("postgres://h/d", { PGOPTIONS: "-c geqo=off" }).options).toBe("-c geqo=off");
  });
  test("search_path in options is the server's to know", () => {
    const query = encodeURIComponent("-c search_path=a,b");
    expect(parse(`postgres://u@h/d?options=${query}`).searchPath).toBeUndefined();
  });
  test("times", () => {
    const target = (query: string): ServerTarget => parse(`postgres://u@h/d?${query}`);
    expect(target("").connectTimeoutMs).toBe(15_000);
    expect(target("connect_timeout=3").connectTimeoutMs).toBe(3000);
    expect(target("connect_timeout=0").connectTimeoutMs).toBeUndefined();
    expect(target("connect_timeout=-1").connectTimeoutMs).toBeUndefined();
    expect(target("").keepaliveIdleMs).toBe(60_000);
    expect(target("keepalives_idle=10").keepaliveIdleMs).toBe(10_000);
    expect(target("keepalives=0&keepalives_idle=10").keepaliveIdleMs).toBeUndefined();
  });
  test("application name and session attributes", () => {
    const target = parse("postgres://h/d?target_session_attrs=any", { PGAPPNAME: "x" });
    expect(target.applicationName).toBe("x");
    expect(target.sessionAttributes).toBe("any");
    expect(parse("postgres://h/d").sessionAttributes).toBeUndefined();
  });
});

describe("service", () => {
  const serviceText = "[shop]\nhost=db\nport=7\ndbname=shop\nuser=s\npassword=p\nsslmode=disable\n"
    + "search_path=x\n";
  const withService = { ...linux, serviceText };
  test("fills in what the URL leaves open, before the environment", () => {
    const target = parse("postgres://u@/?service=shop", { PGPORT: "9" }, withService);
    expect(describeTarget(target)).toBe("u@db:7/shop");
    expect(target).toMatchObject({ password: "p", startup: { search_path: "x" } });
    expect(target.tls.mode).toBe("disable");
  });
  test("PGSERVICE gives no database", () => {
    const environment = { PGSERVICE: "shop" };
    expect(failure("postgres://", environment, withService).code).toBe("url-no-database");
    expect(describeTarget(parse("postgres:///d", environment, withService))).toBe("s@db:7/d");
  });
  test("which file to read", () => {
    const file = (url: string, environment: Environment = {}): unknown =>
      serviceFile(url, environment, linux);
    expect(file("postgres://h/d")).toBeUndefined();
    expect(file("pglite:x", { PGSERVICE: "s" })).toBeUndefined();
    expect(file("postgres:///?service=s"))
      .toEqual({ path: "/home/me/.pg_service.conf", mustExist: false });
    expect(file("postgres:///d", { PGSERVICE: "s", PGSERVICEFILE: "/f" }))
      .toEqual({ path: "/f", mustExist: true });
  });
  test("a name that is not there", () => {
    const error = failure("postgres:///d?service=none", {}, withService);
    expect(error.message).toBe("service \"none\" is asked for, but pg_service.conf has no such"
      + " section");
  });
});

describe("embedded", () => {
  const folders: readonly (readonly [string, string | undefined])[] = [
    ["pglite:", undefined],
    ["pglite://", undefined],
    ["pglite::memory:", undefined],
    ["pglite:memory://", undefined],
    ["PGLITE:dir", "dir"],
    ["pglite:./dir", "./dir"],
    ["pglite:/abs/dir", "/abs/dir"],
    ["pglite://dir", "dir"],
    ["pglite:///abs/dir", "/abs/dir"],
    ["pglite:~/dir", "/home/me/dir"],
    ["pglite:100%#dir", "100%#dir"],
    ["pglite:C:\\dir", "C:\\dir"],
    ["pglite:C:\\me@work\\dir", "C:\\me@work\\dir"],
    ["pglite:../@scope/dir", "../@scope/dir"],
  ];
  for (const [url, folder] of folders) {
    test(url, () => {
      const target = parseDatabaseUrl(url, {}, linux);
      expect(target).toEqual({ kind: "embedded", folder });
      expect(describeTarget(target)).toBe(`pglite:${folder ?? ""}`);
    });
  }
});
