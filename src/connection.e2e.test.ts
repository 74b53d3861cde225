/** What the built pgmate says when it gets no connection, no folder or no file: each its own. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startHarmProxy } from "./testing/harm-proxy.ts";
import { server, startServer, type TestServer } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const one = { "1_a.sql": pair("create table a (i int);", "drop table a;") };
/** Stands in every URL; what shows it anywhere fails. */
const secret = "sesame42";

async function expectRefusal(
  t: Trial,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  said: readonly string[],
): Promise<void> {
  const { status, stdout, stderr } = await t.pgmate(args, env);
  for (const words of said) expect(stderr).toContain(words);
  expect(stderr).toContain("Error: ");
  expect(stderr).toContain("\nNext: ");
  expect(stderr).not.toContain("fault in pgmate");
  expect(stdout + stderr).not.toContain(secret);
  expect(stdout).toBe("");
  expect(status).toBe(2);
}

type Case = readonly [title: string, url: (at: TestServer) => string, said: readonly string[]];

const address = (at: TestServer): string => `${at.host}:${at.port}`;
const urls: readonly Case[] = [
  ["refused", () => `postgres://u:${secret}@127.0.0.1:1/d`, ["connection refused by 127.0.0.1:1"]],
  ["a wrong password", (at) => `postgres://postgres:${secret}@${address(at)}/d`, [
    "does not accept the password of user \"postgres\"", "password authentication failed",
  ]],
  ["no password", (at) => `postgres://postgres@${address(at)}/d`, ["and none was given"]],
  ["a role that does not exist", (at) =>
    `postgres://nobody1:${secret}@/postgres?host=${at.socketFolder}&port=${at.port}`,
    ["role \"nobody1\" does not exist", "create role \"nobody1\" login"]],
  ["a host that does not exist", () => `postgres://u:${secret}@no.such.host.invalid/d`,
    ["no such host: no.such.host.invalid"]],
  ["no TLS under require", (at) => at.url("postgres", { sslmode: "require" }),
    ["does not speak TLS", "sslmode=prefer"]],
  ["a socket that is not there", () => `postgres://u:${secret}@/d?host=/nowhere`,
    ["there is no server socket /nowhere/.s.PGSQL.5432"]],
  ["a setting that the server does not know", (at) => at.url("postgres", { work_mm: "1" }),
    ["does not accept the setting \"work_mm\"", "unrecognized configuration parameter"]],
  ["a port that is none", () => `postgres://u:${secret}@h:notaport/d`, ["the port in the data"]],
  ["another database's scheme", () => `mysql://u:${secret}@h/d`, ["has the scheme \"mysql\""]],
  ["no URL at all", () => secret, ["does not begin with postgres://"]],
  ["an unset URL", () => "", ["no database URL is given", "export DATABASE_URL="]],
  ["a URL without a database", (at) => `postgres://postgres:${secret}@${address(at)}`,
    ["does not name a database"]],
  ["an sslmode that is none", (at) => at.url("postgres", { sslmode: "maybe" }), [
    "sslmode \"maybe\"",
  ]],
];

describe.concurrent("no connection:", () => {
  test.each(urls)("%s", async (_title, url, said) => {
    const at = await server(17);
    await using t = await trial(at, one);
    await expectRefusal(t, ["up"], { DATABASE_URL: url(at) }, said);
    await expectRefusal(t, ["status"], { DATABASE_URL: url(at) }, said);
  });

  test("a database that does not exist", async () => {
    await using t = await trial(await server(17), one);
    const env = { DATABASE_URL: t.server.url("nowhere") };
    for (const command of ["migrate", "status", "rollback", "version"]) {
      const said = ["database \"nowhere\" does not exist", "pgmate create"];
      await expectRefusal(t, [command], env, said);
    }
  });

  test("a database that is read-only by default", async () => {
    await using t = await trial(await server(17), one);
    await t.query(`alter database "${t.database.name}" set default_transaction_read_only = on`);
    await expectRefusal(t, ["up"], {}, ["is read-only", "default_transaction_read_only is on"]);
    expect((await t.pgmate(["status"])).status).toBe(0);
  });

  test("too many connections", async () => {
    await using t = await trial(await server(17), one);
    await t.query(`create role few login password '${secret}' connection limit 0`);
    const env = { DATABASE_URL: `postgres://few:${secret}@${address(t.server)}/postgres` };
    const said = ["has no connection left", "too many connections for role", "limit of the role"];
    await expectRefusal(t, ["up"], env, said);
  });

  const certificates: readonly (readonly [string, string])[] = [
    ["self-signed", "is signed by nobody but itself"],
    ["wrong-name", "is for db.example.com, not for localhost"],
    ["expired", "has expired"],
  ];
  test.each(certificates)("a certificate that is %s", async (name, said) => {
    const own = await startServer({
      version: 17,
      settings: { ssl: "on" },
      files: { "server.crt": certificate(`${name}.crt`), "server.key": certificate(`${name}.key`) },
    });
    await using t = await trial(own, one);
    await writeFile(join(t.project.folder, "ca.crt"), certificate("authority.crt"));
    const url = own.url("postgres", { sslmode: "verify-full", sslrootcert: "ca.crt" });
    await expectRefusal(t, ["up"], { DATABASE_URL: url.replace(own.host, "localhost") }, [said]);
    await own.stop();
  });
});

function certificate(name: string): string {
  return readFileSync(join(import.meta.dir, "testing/certificates", name), "utf8");
}

test("a standby is refused, and of two hosts the primary is taken", async () => {
  const standby = await startServer({ version: 16, files: { "standby.signal": "" } });
  const primary = await startServer({ version: 16 });
  await using t = await trial(primary, one);
  const alone = { DATABASE_URL: standby.url("postgres") };
  await expectRefusal(t, ["up"], alone, ["is a standby (it is in recovery)", "name the primary"]);
  expect((await t.pgmate(["status"], alone)).status).toBe(0);
  const hosts = `${address(standby)},${address(primary)}`;
  const both = primary.url("postgres").replace(address(primary), hosts);
  for (const attributes of ["", "?target_session_attrs=read-write", "?target_session_attrs=any"]) {
    const up = await t.pgmate(["up"], { DATABASE_URL: both + attributes });
    if (attributes.endsWith("any")) {
      // Whoever asks for any server is given the first, which then refuses by itself.
      expect(up.stderr).toContain("read-only");
      expect(up.status).toBe(2);
      continue;
    }
    expect(up.stderr).toContain(`Target: postgres@${address(primary)}/postgres`);
    expect(up.status).toBe(0);
    expect((await t.pgmate(["rollback"], { DATABASE_URL: both })).status).toBe(0);
  }
  await standby.stop();
  await primary.stop();
});

describe.concurrent("no file:", () => {
  const folders: readonly (readonly [string, readonly string[], readonly string[]])[] = [
    ["a folder that is not there", ["-d", "nope"], ["could not find migrations directory `nope`"]],
    ["a file in the folder's place", ["-d", "file"], ["this is a file"]],
    ["an empty folder", [], ["no migration files found", "pgmate new NAME"]],
  ];
  test.each(folders)("%s", async (_title, args, said) => {
    await using t = await trial(await server(17));
    await t.project.write({ file: "" });
    await expectRefusal(t, ["up", ...args], {}, said);
  });

  const things: readonly (readonly [string, string, (path: string) => Promise<void>])[] = [
    ["a link to a folder", "is a folder, not a file", (path) => symlink("/", path)],
    ["a link to nothing", "does not exist", (path) => symlink("/nowhere/at/all", path)],
    ["a pipe", "is not a regular file", async (path) => void Bun.spawnSync(["mkfifo", path])],
  ];
  test.each(things)("%s", async (_title, said, make) => {
    await using t = await trial(await server(17), one);
    await make(join(t.project.folder, "db/migrations/2_b.sql"));
    await expectRefusal(t, ["up"], {}, [`db/migrations/2_b.sql ${said}`]);
    expect(await t.query("select 1 from pg_class where relname = 'a'")).toHaveLength(0);
  });

  test.skipIf(process.getuid?.() === 0)("one that may not be read, but by root", async () => {
    await using t = await trial(await server(17), one);
    await writeFile(join(t.project.folder, "db/migrations/2_b.sql"), "", { mode: 0 });
    await expectRefusal(t, ["up"], {}, ["db/migrations/2_b.sql may not be read by this user"]);
  });

  test("a folder with a migration's name is none", async () => {
    await using t = await trial(await server(17), one);
    await mkdir(join(t.project.folder, "db/migrations/2_b.sql"));
    expect((await t.pgmate(["up"])).status).toBe(0);
  });
});

test("a first try that takes longer than the time to wait has a second", async () => {
  await using t = await trial(await server(17), one);
  await using far = await startHarmProxy(t.server, { kind: "delay", ms: 100 });
  const url = far.url(t.database.name).replace(/:[^:@]*@/, `:${secret}@`);
  const wait = ["--url", url, "wait", "--wait-timeout", "50ms", "--wait-interval", "50ms"];
  const { status, stdout, stderr } = await t.pgmate(wait);
  expect(stdout).toBe("Waiting for database.\n");
  expect(stderr).toContain("Error: unable to connect to database: ");
  expect(status).toBe(2);
});
