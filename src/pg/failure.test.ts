import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import postgres from "postgres";

import { parseDatabaseUrl, type ServerTarget } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { openSocket } from "../testing/open-socket.ts";
import { server, startServer } from "../testing/servers.ts";
import { combinedFailure, connectionFailure, serverFailure } from "./failure.ts";

/** Starting a server takes long on a machine that does much else. */
setDefaultTimeout(60_000);

const noFiles = {
  rootCertificates: undefined,
  certificate: undefined,
  key: undefined,
  revocations: undefined,
};

function parse(url: string): ServerTarget {
  const target = parseDatabaseUrl(url, {}, { user: "me", home: "/nowhere", platform: "linux" });
  if (target.kind !== "server") throw new Error("expected a server");
  return target;
}

/** What the driver throws when it logs in there and asks something. */
async function thrown(target: ServerTarget, text = "select 1"): Promise<unknown> {
  const opened = await openSocket(target, noFiles, {});
  const sql = postgres({
    host: "localhost",
    user: target.user,
    pass: target.password ?? "",
    database: target.database,
    connection: {
      ...target.startup,
      ...(target.options === undefined ? {} : { options: target.options }),
    },
    ssl: false,
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
    onnotice: () => undefined,
    socket: () => opened.socket,
  } as postgres.Options<Record<string, never>>);
  try {
    return await sql.unsafe(text).simple().then(() => undefined, (error: unknown) => error);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

const secret = "hunter2";

interface Case {
  readonly name: string;
  readonly url: (port: number) => string;
  readonly code: string;
  readonly message: RegExp;
  readonly hint: RegExp;
}

const cases: readonly Case[] = [
  {
    name: "wrong password",
    url: (port) => `postgres://app:${secret}@127.0.0.1:${port}/postgres`,
    code: "connect-password",
    message: /^127\.0\.0\.1:\d+ does not accept the password of user "app"$/,
    hint: /%2F %3F %23 %40/,
  },
  {
    name: "no password",
    url: (port) => `postgres://app@127.0.0.1:${port}/postgres`,
    code: "connect-password",
    message: /wants a password for user "app", and none was given$/,
    hint: /PGPASSWORD.*passfile/,
  },
  {
    name: "a password for a user that is not there",
    url: (port) => `postgres://nobody:${secret}@127.0.0.1:${port}/postgres`,
    code: "connect-password",
    message: /does not accept the password of user "nobody"/,
    hint: /check user and password/,
  },
  {
    name: "no such role",
    url: (port) => `postgres://trusted_ghost:${secret}@127.0.0.1:${port}/postgres`,
    code: "connect-rejected",
    message: /^role "trusted_ghost" does not exist on 127\.0\.0\.1/,
    hint: /create role "trusted_ghost" login/,
  },
  {
    name: "a role that may not log in",
    url: (port) => `postgres://trusted_group:${secret}@127.0.0.1:${port}/postgres`,
    code: "connect-rejected",
    message: /^role "trusted_group" may not log in/,
    hint: /alter role "trusted_group" login/,
  },
  {
    name: "pg_hba.conf",
    url: (port) => `postgres://rejected:${secret}@127.0.0.1:${port}/postgres`,
    code: "connect-rejected",
    message: /does not let user "rejected" in$/,
    hint: /pg_hba\.conf/,
  },
  {
    name: "no such database",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/none`,
    code: "database-missing",
    message: /^database "none" does not exist on 127\.0\.0\.1:\d+$/,
    hint: /pgmate create/,
  },
  {
    name: "no right to connect",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/closed`,
    code: "connect-rejected",
    message: /user "trusted" may not connect to database "closed"/,
    hint: /grant connect on database "closed" to "trusted"/,
  },
  {
    name: "a database that takes nobody",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/template0`,
    code: "connect-rejected",
    message: /database "template0" takes no connections/,
    hint: /allow_connections/,
  },
  {
    name: "too many connections of a role",
    url: (port) => `postgres://trusted_full@127.0.0.1:${port}/postgres`,
    code: "connect",
    message: /has no connection left/,
    hint: /max_connections/,
  },
  {
    name: "an unknown parameter in the URL",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/postgres?no_such_setting=1`,
    code: "url",
    message: /does not accept the setting "no_such_setting" of the URL$/,
    hint: /remove no_such_setting= from the URL/,
  },
  {
    name: "a bad value of a parameter",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/postgres?work_mem=much`,
    code: "url",
    message: /does not accept the setting "work_mem" of the URL$/,
    hint: /work_mem=/,
  },
  {
    name: "an unknown parameter in options",
    url: (port) => `postgres://trusted@127.0.0.1:${port}/postgres?options=-c%20no_such=1`,
    code: "url",
    message: /does not accept a setting of the session$/,
    hint: /options=.*PGOPTIONS/,
  },
];

describe("a server refuses", () => {
  const made = startServer({
    version: 17,
    hba: [
      "host all trusted,trusted_ghost,trusted_group,trusted_full all trust",
      "host all rejected all reject",
    ],
  }).then(async (running) => {
    await running.query("postgres", `
      create role app login password 'right';
      create role trusted login;
      create role trusted_group;
      create role trusted_full login connection limit 0;
      create role rejected login`);
    await running.query("postgres", "create database closed");
    await running.query("postgres", "revoke connect on database closed from public");
    return running;
  });
  afterAll(async () => (await made).stop());
  for (const { name, url, code, message, hint } of cases) {
    test(name, async () => {
      const { port } = await made;
      const target = parse(url(port));
      const failure = connectionFailure(await thrown(target), target);
      expect(failure).toBeInstanceOf(PgmateError);
      expect(failure.code).toBe(code as typeof failure.code);
      expect(failure.message).toMatch(message);
      expect(failure.hint).toMatch(hint);
      expect(failure.server?.message).toBeString();
      expect(`${failure.message}${failure.hint}${JSON.stringify(failure)}`).not.toContain(secret);
    });
  }
  test("a backend that is ended", async () => {
    const { port } = await made;
    const target = parse(`postgres://trusted@127.0.0.1:${port}/postgres`);
    const error = await thrown(target, "select pg_terminate_backend(pg_backend_pid())");
    expect(connectionFailure(error, target).code).toBe("connect-lost");
  });
});

function serverError(code: string, message: string): Error {
  return Object.assign(new Error(message), { name: "minified", code, severity: "FATAL" });
}

describe("what cannot be had from a test server", () => {
  const target = parse("postgres://u:p@h:5432/d?search_path=a");
  const told: readonly (readonly [unknown, string, RegExp, RegExp?])[] = [
    [serverError("57P03", "the database system is starting up"), "connect", /not ready/, /wait/],
    [serverError("57P03", "the database system is shutting down"), "connect", /not ready/],
    [serverError("57P01", "terminating connection"), "connect-lost", /h:5432/],
    [serverError("53300", "sorry, too many clients already"), "connect", /no connection left/],
    [serverError("08P01", "unsupported startup parameter: search_path"), "connect-proxy",
      /does not take the start-up setting "search_path"/, /directly/],
    [serverError("08P01", "unsupported startup parameter in options: geqo"), "connect-proxy",
      /does not take options= of the URL/, /directly/],
    [serverError("08P01", "no such user"), "connect-rejected", /refused/, /pooler/],
    [serverError("XX000", "Tenant or user not found"), "connect-rejected", /refused/],
    [serverError("28000", "Peer authentication failed for user \"u\""), "connect-rejected",
      /system user/, /localhost/],
    [serverError("28000", "no pg_hba.conf entry for host"), "connect-rejected",
      /does not let user "u" in/, /sslmode=/],
    [Object.assign(new Error("x"), { code: "CONNECTION_CLOSED" }), "connect-lost", /closed/],
    [Object.assign(new Error("x"), { code: "CONNECT_TIMEOUT" }), "connect-timeout", /no answer/],
    [Object.assign(new Error("x"), { code: "ENETUNREACH" }), "connect", /no route to h:5432/],
    [Object.assign(new Error("x"), { code: "EAI_AGAIN" }), "connect-host-unknown", /no answer/],
    [Object.assign(new Error("x"), { code: "DNS_ENOTFOUND" }), "connect-host-unknown", /: h$/],
    [Object.assign(new Error("x"), { code: "SASL_SIGNATURE_MISMATCH" }), "connect-rejected",
      /does not itself know/, /do not trust/],
    [Object.assign(new Error("x"), { code: "ERR_SSL_TLSV1_ALERT_CERTIFICATE_REQUIRED" }),
      "connect-certificate", /demands a client certificate/, /sslcert=/],
    [Object.assign(new Error("x"), { code: "ERR_SSL_SOMETHING" }), "connect-no-tls",
      /ERR_SSL_SOMETHING/],
    [Object.assign(new Error("x"), { code: "CERT_NOT_YET_VALID" }), "connect-certificate",
      /not valid yet/],
    ["just a text", "connect", /could not connect to h:5432/],
  ];
  for (const [error, code, message, hint] of told) {
    test(`${error instanceof Error ? `${error.message} ${Reflect.get(error, "code")}` : error}`,
      () => {
        const failure = connectionFailure(error, target);
        expect(failure.code).toBe(code as typeof failure.code);
        expect(failure.message).toMatch(message);
        expect(failure.hint).toMatch(hint ?? /./);
        expect(failure.message).toMatch(/^[a-z]/);
        expect(failure.message).not.toMatch(/\.$/);
      });
  }
  test("a PgmateError stays what it is", () => {
    const error = new PgmateError("connect-proxy", "x");
    expect(connectionFailure(error, target)).toBe(error);
  });
  test("a certificate that channel_binding wanted to see says so", () => {
    const strict = parse("postgres://h/d?channel_binding=require");
    const error = Object.assign(new Error("x"), { code: "CERT_HAS_EXPIRED" });
    expect(connectionFailure(error, strict).hint).toMatch(/channel_binding=require/);
  });
});

describe("several failures", () => {
  const refused = new PgmateError("connect-refused", "a refused", { hint: "look" });
  test("one", () => expect(combinedFailure([refused])).toBe(refused));
  test("the same twice", () => expect(combinedFailure([refused, refused])).toBe(refused));
  test("of one code", () => {
    const other = new PgmateError("connect-refused", "b refused", { hint: "look" });
    expect(combinedFailure([refused, other])).toMatchObject({
      code: "connect-refused",
      message: "a refused; b refused",
      hint: "look",
    });
  });
  test("of several", () => {
    const other = new PgmateError("connect-timeout", "b silent", { hint: "wait" });
    expect(combinedFailure([refused, other])).toMatchObject({
      code: "connect",
      message: "a refused; b silent",
      hint: "look\nwait",
    });
  });
  test("none", () => expect(combinedFailure([]).code).toBe("connect-host-unknown"));
});

describe("what a server says", () => {
  const target = async (): Promise<ServerTarget> => {
    const { url } = await server(15);
    return parse(url("postgres"));
  };
  test("field by field", async () => {
    const text = `do $$ begin raise exception 'no' using errcode = 'PM001', detail = 'more',
      hint = 'try', constraint = 'c'; end $$`;
    expect(serverFailure(await thrown(await target(), text))).toEqual({
      severity: "ERROR",
      code: "PM001",
      message: "no",
      detail: "more",
      hint: "try",
      where: "PL/pgSQL function inline_code_block line 1 at RAISE",
      constraint: "c",
    });
  });
  test("positions", async () => {
    expect(serverFailure(await thrown(await target(), "select *\nfrom nowhere_at_all")))
      .toMatchObject({ code: "42P01", position: 15 });
    const inner = "do $$ begin execute 'select x from nowhere_at_all'; end $$";
    expect(serverFailure(await thrown(await target(), inner))).toMatchObject({
      internalPosition: 15,
      internalQuery: "select x from nowhere_at_all",
    });
  });
  test("nothing else is one", () => {
    expect(serverFailure(new Error("x"))).toBeUndefined();
    expect(serverFailure(undefined)).toBeUndefined();
    expect(serverFailure({ code: "42P01", severity: "ERROR" })).toBeUndefined();
    expect(serverFailure(Object.assign(new Error("x"), { code: "EPIPE" }))).toBeUndefined();
  });
});
