import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, copyFile, mkdtemp, rm, writeFile } from "node:fs/promises";
import { readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

import { testWithOracle } from "../testing/oracles.ts";
import { serverFiles } from "../testing/server-files.ts";
import { server, startServer, type TestServer } from "../testing/servers.ts";
import { parseDatabaseUrl, type ServerTarget } from "./database-url.ts";
import { type LibpqConnection, libpqEnvironment } from "./libpq-environment.ts";

/** What every dump is made with, where a server takes it. */
const forDumps = "-c bytea_output=hex -c lc_monetary=C -c quote_all_identifiers=off"
  + " -c standard_conforming_strings=on";

const certificates = join(import.meta.dir, "../testing/certificates");
const noFiles = {
  rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
};

function parse(url: string): ServerTarget {
  const defaults = { user: "nobody", home: "/home/n", platform: "linux" };
  const target = parseDatabaseUrl(url, {}, defaults);
  if (target.kind !== "server") throw new Error("expected a server");
  return target;
}

function connection(url: string, also: Partial<LibpqConnection> = {}): LibpqConnection {
  const target = parse(url);
  return {
    target,
    host: target.hosts[0],
    address: undefined,
    password: target.password,
    applicationName: "pgmate 1 dump",
    tlsFiles: noFiles,
    by: "server",
    ...also,
  };
}

type Base = Parameters<typeof libpqEnvironment>[1];

function variables(made: LibpqConnection, base: Base = {}): Readonly<Record<string, string>> {
  const result = libpqEnvironment(made, base);
  if (result.kind !== "environment") throw new Error(result.reason);
  return result.environment;
}

function reason(url: string, also: Partial<LibpqConnection> = {}): string {
  const result = libpqEnvironment(connection(url, also), {});
  return result.kind === "impossible" ? result.reason : "possible";
}

test("all of a plain connection", () => {
  expect(variables(connection("postgres://u:p%40w@h:5433/d"), { PATH: "/bin" })).toEqual({
    PATH: "/bin",
    PGHOST: "h",
    PGPORT: "5433",
    PGUSER: "u",
    PGPASSWORD: "p@w",
    PGPASSFILE: "/dev/null/none",
    PGDATABASE: "d",
    PGSSLMODE: "prefer",
    PGSSLROOTCERT: "/dev/null/none",
    PGSSLCRL: "/dev/null/none",
    PGSSLCERT: "/dev/null/none",
    PGSSLKEY: "/dev/null/none",
    PGSSLMINPROTOCOLVERSION: "TLSv1.2",
    PGGSSENCMODE: "disable",
    PGCONNECT_TIMEOUT: "15",
    PGTARGETSESSIONATTRS: "any",
    PGAPPNAME: "pgmate 1 dump",
    PGOPTIONS: forDumps,
    PGTZ: "UTC",
    LC_ALL: "C",
    LC_MESSAGES: "C",
  });
});

test("all of a socket: neither TLS nor a password where none was needed", () => {
  const url = "postgres://u@/d?host=/run/pg&port=7&sslmode=require&sslsni=0&application_name=x";
  expect(variables(connection(url, { by: "pooler" }))).toEqual({
    PGHOST: "/run/pg",
    PGPORT: "7",
    PGUSER: "u",
    PGPASSFILE: "/dev/null/none",
    PGDATABASE: "d",
    PGSSLMODE: "disable",
    PGGSSENCMODE: "disable",
    PGCONNECT_TIMEOUT: "15",
    PGTARGETSESSIONATTRS: "any",
    PGAPPNAME: "x",
    PGTZ: "UTC",
    LC_ALL: "C",
    LC_MESSAGES: "C",
  });
});

test("of the caller's own only what libpq and its language do not depend on", () => {
  const kept = {
    PATH: "/a:/b", HOME: "/h", LD_LIBRARY_PATH: "/l", TMPDIR: "/t", SYSTEMROOT: "C:", TZ: "Asia",
    SSL_CERT_FILE: "/c", SSH_AUTH_SOCK: "/s", DOCKER_HOST: "d", LANGUAGES: "x", _PG: "x",
  };
  const lost = {
    PGSERVICE: "s", PGSERVICEFILE: "f", PGSYSCONFDIR: "/e", PGCLUSTER: "15/main", PGHOST: "evil",
    PGHOSTADDR: "6.6.6.6", PGPASSWORD: "other", PGOPTIONS: "-c x=y", PGCLIENTENCODING: "LATIN1",
    PG_COLOR: "always", PGREQUIREAUTH: "none", PGREQUIREPEER: "x", PGSSLCRLDIR: "/x", pgport: "1",
    PGSSLCERTMODE: "require", PGSSLNEGOTIATION: "direct", PGDATESTYLE: "German",
    LANG: "de_DE", LANGUAGE: "de", LC_ALL: "de_DE", LC_MESSAGES: "de_DE", LC_NUMERIC: "de_DE",
    UNSET: undefined,
  };
  const plain = variables(connection("postgres://u@h/d"));
  expect(variables(connection("postgres://u@h/d"), { ...kept, ...lost })).toEqual({
    ...kept, ...plain,
  });
});

describe("the host", () => {
  const cases: readonly (readonly [string, string | undefined, string, string | undefined])[] = [
    ["u@h/d", undefined, "h", undefined],
    ["u@h/d", "10.0.0.2", "h", "10.0.0.2"],
    ["u@h/d?hostaddr=10.0.0.1", "10.0.0.2", "h", "10.0.0.1"],
    ["u@/d?hostaddr=10.0.0.1", undefined, "10.0.0.1", "10.0.0.1"],
    ["u@[::1]/d", undefined, "::1", "::1"],
    ["u@10.0.0.1/d?sslservername=db.x", undefined, "db.x", "10.0.0.1"],
    ["u@h/d?sslservername=db.x", "10.0.0.2", "db.x", "10.0.0.2"],
    ["u@h/d?sslservername=db.x&sslmode=disable", undefined, "h", undefined],
    ["u@/d?host=%2Ftmp&sslservername=db.x", undefined, "/tmp", undefined],
  ];
  test.each(cases)("%s at %p", (rest, address, host, hostAddress) => {
    const { PGHOST, PGHOSTADDR } = variables(connection(`postgres://${rest}`, { address }));
    expect([PGHOST, PGHOSTADDR]).toEqual([host, hostAddress]);
  });

  test("one of several", () => {
    const { hosts } = parse("postgres://u@a:1,b:2/d");
    for (const [index, host] of hosts.entries()) {
      const made = variables(connection("postgres://u@a:1,b:2/d", { host }));
      expect([made["PGHOST"], made["PGPORT"]]).toEqual([["a", "b"][index], String(index + 1)]);
    }
  });
});

describe("TLS", () => {
  const given = { ...noFiles, rootCertificates: "PEM", revocations: "CRL" };
  const nowhere = "/dev/null/none";
  const files = "sslrootcert=/r&sslcrl=/l";
  type Case = readonly [string, LibpqConnection["tlsFiles"], string, string, string];
  const cases: readonly Case[] = [
    ["sslmode=disable", given, "disable", "", ""],
    [`sslmode=prefer&${files}`, given, "prefer", nowhere, nowhere],
    [`sslmode=allow&${files}`, given, "allow", nowhere, nowhere],
    [`sslmode=require&${files}`, given, "require", "/r", "/l"],
    ["sslmode=require", given, "require", "/home/n/.postgresql/root.crt",
      "/home/n/.postgresql/root.crl"],
    ["sslmode=require", noFiles, "require", nowhere, nowhere],
    [`sslmode=verify-ca&${files}`, given, "verify-ca", "/r", "/l"],
    [`sslmode=verify-full&${files}`, given, "verify-full", "/r", "/l"],
    // Where there is no file, pgmate trusts the system, and checks the name.
    ["sslmode=verify-ca", noFiles, "verify-full", "system", nowhere],
    ["sslmode=verify-full", noFiles, "verify-full", "system", nowhere],
    ["sslrootcert=system", noFiles, "verify-full", "system", nowhere],
  ];
  test.each(cases)("%s", (query, tlsFiles, mode, root, revocations) => {
    const made = variables(connection(`postgres://u@h/d?${query}`, { tlsFiles }));
    const names = ["PGSSLMODE", "PGSSLROOTCERT", "PGSSLCRL"];
    expect(names.map((name) => made[name] ?? "")).toEqual([mode, root, revocations]);
  });

  test("a client's certificate", () => {
    const tlsFiles = { ...noFiles, certificate: "PEM", key: "PEM" };
    const url = "postgres://u@h/d?sslmode=require";
    const named = variables(connection(`${url}&sslcert=c.crt&sslkey=k.key`, { tlsFiles }));
    expect([named["PGSSLCERT"], named["PGSSLKEY"]]).toEqual(["c.crt", "k.key"]);
    const found = variables(connection(url, { tlsFiles }));
    expect(found["PGSSLCERT"]).toBe("/home/n/.postgresql/postgresql.crt");
    expect(found["PGSSLKEY"]).toBe("/home/n/.postgresql/postgresql.key");
    const none = variables(connection(`${url}&sslcertmode=disable`, { tlsFiles }));
    expect([none["PGSSLCERT"], none["PGSSLKEY"]]).toEqual([nowhere, nowhere]);
  });

  test("what is rarely said", () => {
    const query = "sslmode=require&sslsni=0&sslnegotiation=direct&connect_timeout=0"
      + "&ssl_min_protocol_version=TLSv1.1&ssl_max_protocol_version=TLSv1.2";
    expect(variables(connection(`postgres://u@h/d?${query}`))).toMatchObject({
      PGSSLSNI: "0",
      PGSSLNEGOTIATION: "direct",
      PGSSLMINPROTOCOLVERSION: "TLSv1.1",
      PGSSLMAXPROTOCOLVERSION: "TLSv1.2",
      PGCONNECT_TIMEOUT: "0",
    });
    const bound = variables(connection("postgres://u@h/d?channel_binding=require"));
    expect(bound).toMatchObject({ PGCHANNELBINDING: "require", PGSSLMODE: "verify-full" });
  });
});

describe("what libpq cannot be told", () => {
  const withKey = (key: string): Partial<LibpqConnection> =>
    ({ tlsFiles: { ...noFiles, certificate: "PEM", key } });
  const encrypted = withKey("-----BEGIN ENCRYPTED PRIVATE KEY-----");
  const revoked = { tlsFiles: { ...noFiles, revocations: "PEM" } };
  type Case = readonly [string, Partial<LibpqConnection>, string];
  const cases: readonly Case[] = [
    ["sslmode=require&sslpassword=sesame", encrypted, "(sslpassword)"],
    ["sslmode=require&sslpassword=sesame", withKey("-----BEGIN PRIVATE KEY-----"), "possible"],
    ["sslmode=disable&sslpassword=sesame", encrypted, "possible"],
    ["host=/tmp&sslmode=require&sslpassword=sesame", encrypted, "possible"],
    ["sslmode=require&sslkey=/a:b", withKey("PEM"), "\"/a:b\" for a key in an engine"],
    ["sslmode=require&sslkey=/a:b", {}, "possible"],
    ["sslmode=require&sslkey=C:%5Ca", withKey("PEM"), "possible"],
    ["sslmode=verify-full", revoked, "(sslcrl)"],
    ["sslmode=require", revoked, "possible"],
    ["sslservername=x", {}, "sslservername"],
    ["sslservername=x", { address: "10.0.0.1" }, "possible"],
    ["sslservername=a,b", { address: "10.0.0.1" }, "the comma in \"a,b\""],
    ["sslmode=prefer", { password: "a\0b" }, "PGPASSWORD would hold a NUL"],
  ];
  test.each(cases)("%s %#", (query, also, said) => {
    const host = query.startsWith("host=") ? "" : "h";
    const told = reason(`postgres://u@${host}/d?${query}`, also);
    expect(told).toContain(said);
    expect(told).not.toContain("sesame");
  });
});

describe("the server's settings", () => {
  const cases: readonly (readonly [string, string])[] = [
    ["", forDumps],
    ["search_path=a&TimeZone=Asia/Tokyo&Search_Path=b", forDumps],
    ["statement_timeout=5s", forDumps],
    ["work_mem=5MB", `-c work_mem=5MB ${forDumps}`],
    ["options=-c%20a.b%3D1&c.d=2", `-c a.b=1 -c c.d=2 ${forDumps}`],
    ["options=-c%20a.b%3D1%5C", `-c a.b=1 ${forDumps}`],
    ["options=-c%20a.b%3D1%5C%5C", `-c a.b=1\\\\ ${forDumps}`],
    ["a.b=x%20y%09%5C%3D'%22$", `-c a.b=x\\ y\\\t\\\\='"$ ${forDumps}`],
  ];
  test.each(cases)("%s", (query, options) => {
    expect(variables(connection(`postgres://u@h/d?${query}`))["PGOPTIONS"]).toBe(options);
  });
});

/** What psql prints when it is run in that environment; `libraries` holds another libpq. */
function psql(path: string, made: LibpqConnection, query: string, libraries = ""): string {
  const evil = { PATH: process.env["PATH"], PGDATABASE: "evil", PGSERVICE: "evil" };
  const env = variables(made, { ...evil, SSL_CERT_FILE: join(certificates, "authority.crt") });
  const child = Bun.spawnSync([path, "--no-psqlrc", "--no-password", "-Atc", query], {
    env: { ...env, ...(libraries === "" ? {} : { LD_LIBRARY_PATH: libraries }) },
  });
  return (child.stdout.toString() + child.stderr.toString()).replace(/\n$/, "");
}

describe("libpq understands it:", () => {
  testWithOracle("psql", "settings arrive as they were meant", async (path) => {
    const at = await server(15);
    const values = [
      "plain", "two words", " before", "behind ", "tab\there", "line\nbreak", "\\", "a\\ b\\",
      "-c x=y", "'q' \"d\" $d$ #", "a=b=c", "\u00fc\u00a0\u2003x", "\f\v",
    ];
    const query = new URLSearchParams();
    for (const [index, value] of values.entries()) query.set(`app.v${index}`, value);
    const url = `${at.url("postgres")}?${query.toString().replaceAll("+", "%20")}`
      + "&options=-c%20app.o%3Da%5C%20b%20-c%20app.v0%3Dlost&bytea_output=escape"
      + "&TimeZone=Asia/Tokyo&application_name=a%20b";
    const names = [...values.keys()].map((index) => `app.v${index}`);
    const show = (name: string): string => `current_setting('${name}')`;
    const asked = [...names, "app.o", "bytea_output", "TimeZone", "application_name"].map(show);
    const told = psql(path, connection(url), `select json_build_array(${asked.join(",")})`);
    expect(JSON.parse(told)).toEqual([...values, "a b", "hex", "UTC", "a b"]);
  });

  testWithOracle("psql", "the password that was used, and no other", async (path) => {
    const at = await server(15);
    const home = await mkdtemp(join(tmpdir(), "pgmate-home-"));
    const passfile = join(home, ".pgpass");
    const password = at.password.replace(/[\\:]/g, "\\$&");
    await writeFile(passfile, `*:*:*:*:${password}\n`, { mode: 0o600 });
    const made = { ...connection(at.url("postgres")), password: undefined };
    const env = { ...variables(made, { PATH: process.env["PATH"], HOME: home }) };
    const run = (): string =>
      Bun.spawnSync([path, "-wXAtc", "select 1"], { env }).stderr.toString().trim();
    expect(run()).toEndWith("fe_sendauth: no password supplied");
    // The passfile would have done it, and nothing is said of the one that is not there.
    expect(run()).not.toContain("WARNING");
    delete env["PGPASSFILE"];
    expect(run()).toBe("");
    await rm(home, { recursive: true });
  });
});

describe("libpq trusts whom pgmate does:", () => {
  let at: TestServer;
  let folder: string;
  let root: string;
  let other: string;

  beforeAll(async () => {
    const pem = (name: string): string => readFileSync(join(certificates, name), "utf8");
    at = await startServer({
      version: 15,
      settings: { ssl: "on", ssl_ca_file: "ca.crt", listen_addresses: "127.0.0.1" },
      hba: ["hostssl all certified all cert"],
      files: {
        "server.crt": pem("localhost.crt"),
        "server.key": pem("localhost.key"),
        "ca.crt": pem("authority.crt"),
      },
    });
    await at.query("postgres", "create role certified login");
    folder = await mkdtemp(join(tmpdir(), "pgmate-tls-"));
    root = join(certificates, "authority.crt");
    other = join(certificates, "other-authority.crt");
    await copyFile(join(certificates, "client.key"), join(folder, "client.key"));
    await chmod(join(folder, "client.key"), 0o600);
  }, 120_000);

  afterAll(async () => {
    await at.stop();
    await rm(folder, { recursive: true });
  });

  /** By a name that the certificate is for or not, which leads to the server in any case. */
  function secure(name: string, query: string, found: Partial<LibpqConnection["tlsFiles"]> = {}) {
    const url = `${at.url("postgres").replace(at.host, name)}?${query}`;
    const tlsFiles = { ...noFiles, ...found };
    return connection(url, { address: at.host, tlsFiles });
  }
  const isEncrypted = "select ssl from pg_stat_ssl where pid = pg_backend_pid()";
  const pem = { rootCertificates: "PEM" };

  testWithOracle("psql", "by mode, authority and name", (path) => {
    const ask = (made: LibpqConnection): string => psql(path, made, isEncrypted);
    expect(ask(secure("localhost", `sslmode=verify-full&sslrootcert=${root}`, pem))).toBe("t");
    expect(ask(secure("elsewhere", `sslmode=verify-full&sslrootcert=${root}`, pem)))
      .toContain("does not match host name \"elsewhere\"");
    const renamed = `sslmode=verify-full&sslrootcert=${root}&sslservername=localhost`;
    expect(ask(secure("elsewhere", renamed, pem))).toBe("t");
    expect(ask(secure("elsewhere", `sslmode=verify-ca&sslrootcert=${root}`, pem))).toBe("t");
    expect(ask(secure("localhost", `sslmode=verify-ca&sslrootcert=${other}`, pem)))
      .toContain("certificate verify failed");
    expect(ask(secure("localhost", `sslmode=require&sslrootcert=${other}`, pem)))
      .toContain("certificate verify failed");
    expect(ask(secure("elsewhere", "sslmode=require"))).toBe("t");
    // libpq by itself would look into that file, and then not encrypt at all.
    expect(ask(secure("localhost", `sslmode=prefer&sslrootcert=${other}`, pem))).toBe("t");
    expect(ask(secure("localhost", "sslmode=disable"))).toBe("f");
    expect(ask(secure("localhost", `channel_binding=require&sslrootcert=${root}`, pem))).toBe("t");
  });

  testWithOracle("psql", "by the client's certificate", (path) => {
    const query = `sslmode=verify-full&sslrootcert=${root}`
      + `&sslcert=${join(certificates, "client.crt")}&sslkey=${join(folder, "client.key")}`;
    const made = secure("localhost", query, { ...pem, certificate: "PEM", key: "PEM" });
    const certified = { ...made, target: { ...made.target, user: "certified" } };
    expect(psql(path, certified, "select session_user")).toBe("certified");
    const hidden = { ...certified, tlsFiles: { ...noFiles, ...pem } };
    expect(psql(path, hidden, "select 1")).toContain("requires a valid client certificate");
  });

  testWithOracle("psql", "by the system's authorities, in a newer libpq", async (path) => {
    const { postgres } = await serverFiles(18);
    const libraries = join(dirname(postgres), "../lib");
    const made = secure("localhost", "sslmode=verify-full");
    expect(psql(path, made, isEncrypted, libraries)).toBe("t");
    const elsewhere = secure("elsewhere", "sslmode=verify-ca");
    expect(psql(path, elsewhere, isEncrypted, libraries)).toContain("does not match host name");
    const direct = secure("localhost", "sslrootcert=system&sslnegotiation=direct");
    // A server 15 does not know direct TLS, so that this shows that libpq obeys.
    expect(psql(path, direct, isEncrypted, libraries)).toContain("failed");
  });
});
