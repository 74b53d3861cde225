/** The image of the Dockerfile at work: its files, its user and its command, without an engine. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { chmod, mkdir, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  type ContainerOptions,
  containerLack,
  type LaidOutImage,
  layOutImage,
} from "./testing/container.ts";
import type { ProgramResult, RunningProgram } from "./testing/program.ts";
import { startServer, type TestServer } from "./testing/servers.ts";
import { left, stopped, until } from "./testing/stopping.ts";
import { pair, type Trial, trial, untilSession } from "./testing/trial.ts";

const lack = containerLack();
if (lack !== undefined) process.stderr.write(`SKIPPED, ${lack}: the image of the Dockerfile\n`);

const certificate = (name: string): string =>
  readFileSync(join(import.meta.dir, "testing/certificates", name), "utf8");

const two = {
  "1_a.sql": pair("create table a (i int);\nselect pg_sleep(0.5);", "drop table a;"),
  "2_b.sql": pair("insert into a values (1);"),
};

describe.skipIf(lack !== undefined)("the image", () => {
  let own: TestServer;
  let image: LaidOutImage;

  beforeAll(async () => {
    own = await startServer({
      version: 18,
      settings: { ssl: "on" },
      // Nobody comes in over the network without TLS.
      hba: ["hostnossl all all all reject"],
      files: {
        "server.crt": certificate("localhost.crt"), "server.key": certificate("localhost.key"),
      },
    });
    image = await layOutImage();
  });

  afterAll(async () => {
    await image[Symbol.asyncDispose]();
    await own.stop();
  });

  interface Deployment extends Trial {
    /** Of this trial's database from inside, over TLS. */
    readonly url: string;
    readonly volumes: Readonly<Record<string, string>>;
    /** With the trial's files and URL, unless `options` say otherwise. */
    contained(options?: ContainerOptions): Promise<ProgramResult>;
    begun(options?: ContainerOptions): RunningProgram;
  }

  /** The certificate of the server is good to those alone who have the private authority's. */
  async function deployment(files: Readonly<Record<string, string>> = two): Promise<Deployment> {
    const t = await trial(own, files);
    await t.project.write({ "ca/authority.crt": certificate("authority.crt") });
    const { folder } = t.project;
    const asked = { sslmode: "verify-full", sslrootcert: "/ca/authority.crt" };
    const url = own.url(t.database.name, asked).replace("127.0.0.1", "localhost");
    const volumes = { "/db": join(folder, "db"), "/ca": join(folder, "ca") };
    const usual = { env: { DATABASE_URL: url }, volumes };
    return {
      ...t,
      url,
      volumes,
      contained: (options) => image.run({ ...usual, ...options }),
      begun: (options) => image.start({ ...usual, ...options }),
    };
  }

  test("three replicas that start at once: each file once, and all end with 0", async () => {
    await using t = await deployment();
    const ended = await Promise.all([1, 2, 3].map(() => t.contained()));
    expect(ended.map(({ status, stderr }) => (status === 0 ? 0 : stderr))).toEqual([0, 0, 0]);
    const applied = ended.flatMap(({ stdout }) => stdout.match(/Applied: \S+/g) ?? []);
    expect(applied.toSorted()).toEqual(["Applied: 1_a.sql", "Applied: 2_b.sql"]);
    expect(await t.query("select i from a")).toEqual([{ i: 1 }]);

    const status = await t.contained({ args: ["status", "--exit-code"] });
    expect(status.stdout).toBe("[X] 1_a.sql\n[X] 2_b.sql\n\nApplied: 2\nPending: 0\n");
    expect(status.status).toBe(0);
  });

  test("the database is made if there is none, and the run says over what it went", async () => {
    await using t = await deployment();
    const url = t.url.replace(t.database.name, `${t.database.name}_new`);
    const made = await t.contained({ env: { DATABASE_URL: url } });
    expect(made.stdout).toContain("Applied: 2_b.sql");
    expect(made.stderr).toContain(`postgres@localhost:${own.port}/${t.database.name}_new`);
    expect(made.status).toBe(0);
    own.releaseDatabase(`${t.database.name}_new`);
  });

  test("a dump goes to stdout or to what is mounted; nothing else can be written", async () => {
    await using t = await deployment();
    expect((await t.contained()).status).toBe(0);
    const refused = await t.contained({ args: ["--schema-file", "/tmp/schema.sql", "dump"] });
    expect(refused.stderr).toContain("the file system is read-only");
    expect(refused.status).toBe(2);

    const out = join(t.project.folder, "out");
    await mkdir(out);
    await chmod(out, 0o777);
    const args = ["--schema-file", "/out/schema.sql", "dump"];
    const dumped = await t.contained({ args, writable: { "/out": out } });
    expect(dumped.stdout).toBe("Writing: /out/schema.sql\n");
    expect(dumped.status).toBe(0);
    const printed = await t.contained({ args: ["dump", "--stdout"] });
    expect(printed.stdout).toContain("CREATE TABLE public.a (");
    expect(printed.stdout).toBe(readFileSync(join(out, "schema.sql"), "utf8"));
  });

  test("the schema file of a run that may write nothing is a warning", async () => {
    await using t = await deployment();
    const ran = await t.contained({ args: ["up"] });
    expect(ran.stdout).toContain("Applied: 2_b.sql");
    expect(ran.stderr).toContain("Warning: ");
    expect(ran.stderr).toContain("the file system is read-only");
    expect(ran.status).toBe(0);
  });

  test("a ConfigMap's folder, where every file is a link behind a link", async () => {
    await using t = await deployment({});
    const folder = join(t.project.folder, "map");
    await mkdir(join(folder, "..2026_11_30_04_45"), { recursive: true });
    await symlink("..2026_11_30_04_45", join(folder, "..data"));
    for (const [name, text] of Object.entries(two)) {
      await writeFile(join(folder, "..data", name), text);
      await symlink(join("..data", name), join(folder, name));
    }
    await mkdir(join(t.project.folder, "db/migrations"), { recursive: true });
    const ran = await t.contained({
      volumes: { ...t.volumes, "/db/migrations": folder },
    });
    expect(ran.stdout.match(/Applied: \S+/g)).toEqual(["Applied: 1_a.sql", "Applied: 2_b.sql"]);
    expect(ran.stderr).not.toContain("Warning");
    expect(ran.status).toBe(0);
  });

  test("a user that has no name and no home", async () => {
    await using t = await deployment();
    const ran = await t.contained({
      user: "1000660000:1000660000",
      env: { DATABASE_URL: t.url, HOME: "/" },
    });
    expect(ran.stdout).toContain("Applied: 2_b.sql");
    expect(ran.status).toBe(0);
  });

  test("never 0 in front of a database that was not migrated", async () => {
    await using t = await deployment();
    const mistakes: readonly ContainerOptions[] = [
      { env: {} },
      { volumes: {} },
      { env: { DATABASE_URL: "postgres://u:p@127.0.0.1:1/d", DBMATE_WAIT_TIMEOUT: "1s" } },
    ];
    for (const mistake of mistakes) {
      const { status, stdout, stderr } = await t.contained(mistake);
      expect(stderr).toContain("Error: ");
      expect(stdout).not.toContain("Applied");
      expect(status).toBe(2);
    }
    await t.migrations({ "3_c.sql": pair("select nope;") });
    const failed = await t.contained();
    expect(failed.stderr).toContain("column \"nope\" does not exist");
    expect(failed.status).toBe(2);
  });

  test.each([
    ["SIGTERM", 143],
    ["SIGINT", 130],
  ] as const)("as process 1 it is stopped by %s in a statement", async (signal, expected) => {
    await using t = await deployment({ "1_a.sql": pair("select pg_sleep(600);") });
    const running = t.begun();
    await untilSession(t, "wait_event = 'PgSleep' and application_name like 'pgmate % up 1@%'");
    const { status, stderr } = await stopped(running, signal);
    expect(stderr).toContain("State: ");
    expect(status).toBe(expected);
    await until(async () => (await left(t)) === 0);
  });

  test("as process 1 it is stopped while it waits for a server", async () => {
    await using t = await deployment();
    const waiting = t.begun({ env: { DATABASE_URL: "postgres://u:p@127.0.0.1:1/d" } });
    await until(async () => (waiting.stdout() + waiting.stderr()).includes("Waiting"));
    expect((await stopped(waiting, "SIGTERM")).status).toBe(143);
  });

  test("the authorities of the image are asked for sslrootcert=system", async () => {
    await using t = await deployment();
    const url = t.url.replace("%2Fca%2Fauthority.crt", "system");
    const env = { DATABASE_URL: url, DBMATE_WAIT_TIMEOUT: "1s" };
    const refused = await t.contained({ env });
    expect(refused.stderr).toContain("certificate");
    expect(refused.status).toBe(2);

    const bundle = join(t.project.folder, "ca/all.crt");
    writeFileSync(bundle, certificate("other-authority.crt") + certificate("authority.crt"));
    const volumes = { ...t.volumes, "/etc/ssl/certs/ca-certificates.crt": bundle };
    const trusted = await t.contained({ env, volumes });
    expect(trusted.stdout).toContain("Applied: 2_b.sql");
    expect(trusted.status).toBe(0);
  });

  test("the Postgres inside runs, although nothing can be written", async () => {
    await using t = await deployment();
    const rehearsed = await t.contained({ args: ["plan", "--rehearse", "--format", "markdown"] });
    expect(rehearsed.stdout).toContain("<!-- pgmate plan -->");
    expect(rehearsed.status).toBe(0);
    const ran = await t.contained({
      args: ["--no-dump-schema", "--url", "pglite:", "up"], env: {},
    });
    expect(ran.stdout).toContain("Applied: 2_b.sql");
    expect(ran.status).toBe(0);
  });
});
