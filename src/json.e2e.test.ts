/** The built pgmate with `--json`: stdout is one document, stderr the usual text. */
import { describe, expect, test } from "bun:test";
import type { ProgramResult } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, trial, units } from "./testing/trial.ts";

const files = {
  "001_a.sql": pair("create table a (i int);", "drop table a;"),
  "002_b.sql": pair("create table b (i int);", "drop table b;"),
};

/** All of stdout, or what is wrong with it. */
function document({ stdout }: ProgramResult): unknown {
  expect(stdout).toEndWith("}\n");
  return JSON.parse(stdout);
}

function step(direction: "up" | "down", file: string): object {
  const [version] = file.split("_");
  return { direction, version, file: `db/migrations/${file}`, ms: expect.any(Number) };
}

const ups = [step("up", "001_a.sql"), step("up", "002_b.sql")];
const downs = [step("down", "002_b.sql"), step("down", "001_a.sql")];

describe.concurrent.each([15, 18] as const)("on PostgreSQL %d", (version) => {
  test("each command that runs something", async () => {
    await using t = await trial(await server(version), files);
    const env = { DBMATE_NO_DUMP_SCHEMA: "false" };
    const runs: readonly (readonly [string, readonly object[]])[] = [
      ["up", ups],
      ["up", []],
      ["migrate", []],
      ["redo", [step("down", "002_b.sql"), step("up", "002_b.sql")]],
      ["rollback --all", downs],
      ["migrate --steps 1", ups.slice(0, 1)],
      ["goto 002", ups.slice(1)],
      ["goto 001", downs.slice(0, 1)],
    ];
    for (const [line, steps] of runs) {
      const ended = await t.pgmate([...line.split(" "), "--json"], env);
      expect(document(ended)).toEqual({ ok: true, steps });
      expect(ended.status).toBe(0);
      // What is there without --json comes on the other stream.
      expect(ended.stderr.match(/^(Applied|Rolled back): /gm) ?? []).toHaveLength(steps.length);
      if (line === "up" && steps.length > 0) expect(ended.stderr).toContain("\nWriting: ./db/");
    }
    const known = await t.pgmate(["version", "--json"]);
    expect(document(known)).toEqual({ version: "001", dirty: false });
    await t.pgmate(["rollback"]);
    expect(document(await t.pgmate(["version", "--json"]))).toEqual({
      version: null, dirty: false,
    });
  });

  test("an error, with the steps that were done before it", async () => {
    await using t = await trial(await server(version), {
      ...files,
      "003_c.sql": pair("create table c ();\ncreate table\n\ta (i int);"),
      "004_d.sql": pair("select 4;"),
    });
    const ended = await t.pgmate(["--json", "up"]);
    expect(ended.status).toBe(2);
    expect(document(ended)).toEqual({
      ok: false,
      error: {
        code: "server",
        message: 'relation "a" already exists',
        file: "db/migrations/003_c.sql",
        line: 3,
        column: 1,
        sqlstate: "42P07",
        server: {
          message: 'relation "a" already exists', detail: null, hint: null, context: null,
        },
        state: expect.stringContaining("nothing of 003_c.sql was kept; done before it: 001_a.sql"),
        hint: expect.stringContaining("run `pgmate up --json` again"),
      },
      steps: ups,
    });
    expect(ended.stderr).toContain("Applied: 002_b.sql");
    expect(ended.stderr).toContain('Error: db/migrations/003_c.sql:3:1: relation "a" already');
    expect(await t.applied()).toEqual(["001", "002"]);
  });

  test("an up that creates the database says so on stderr", async () => {
    await using t = await trial(await server(version), files);
    await t.server.query("postgres", `drop database "${t.database.name}"`);
    const ended = await t.pgmate(["up", "--json", "--wait", "--verbose"]);
    expect(document(ended)).toEqual({ ok: true, steps: ups });
    expect(ended.stderr).toContain(`Creating: ${t.database.name}\n`);
    expect(ended.stderr).toContain("Rows affected: 0\n");
  });
});

describe.concurrent("force", () => {
  test("what changed, what did not, what would", async () => {
    await using t = await trial(await server(17), files);
    const change = (version: string, file: string) => ({
      version, file: `db/migrations/${file}`, from: "pending", to: "applied",
      runAgain: [], runAgainCount: 0, neverRun: [], neverRunCount: 0,
    });
    const changes = [change("001", "001_a.sql"), change("002", "002_b.sql")];
    const named = { version: "002", file: "db/migrations/002_b.sql", only: false };
    const looked = await t.pgmate(["force", "002", "--json", "--dry-run"]);
    expect(document(looked)).toEqual({
      ok: true, dryRun: true, ...named, changed: false, changes,
    });
    const refused = await t.pgmate(["force", "002", "--json"]);
    expect(document(refused)).toMatchObject({
      ok: false, error: { code: "usage", hint: expect.stringContaining("--yes") }, steps: [],
    });
    const done = await t.pgmate(["force", "002", "--json", "--yes"]);
    expect(document(done)).toEqual({ ok: true, ...named, changed: true, changes });
    const again = await t.pgmate(["force", "--only", "002", "--applied", "--json", "--yes"]);
    expect(document(again)).toEqual({
      ok: true, ...named, only: true, changed: false, changes: [],
    });
    expect([looked, refused, done, again].map(({ status }) => status)).toEqual([0, 2, 0, 0]);
  });

  test("the statements of a step that ran half", async () => {
    await using t = await trial(await server(17), {
      "001_a.sql": units("select 1;\nselect 1/0;\nselect 3;"),
    });
    expect((await t.pgmate(["up"])).status).toBe(2);
    const pending = ["force", "--only", "001", "--pending", "--dry-run", "--json"];
    const [again, never] = await Promise.all([
      t.pgmate(pending),
      t.pgmate(["force", "001", "--dry-run", "--json"]),
    ]);
    const place = { direction: "up", file: "db/migrations/001_a.sql", command: "SELECT" };
    expect(document(again)).toMatchObject({
      changes: [{
        from: "dirty",
        to: "pending",
        runAgain: [{ ...place, statement: 1, line: 2, ran: "yes" }],
        runAgainCount: 1,
        neverRunCount: 0,
      }],
    });
    expect(document(never)).toMatchObject({
      changes: [{
        to: "applied",
        runAgainCount: 0,
        neverRun: [
          { ...place, statement: 2, line: 3, ran: "no" },
          { ...place, statement: 3, line: 4, ran: "no" },
        ],
      }],
    });
    expect(document(await t.pgmate(["version", "--json"]))).toEqual({
      version: "001", dirty: true,
    });
  });
});

test("a dry run tells the steps, not the script", async () => {
  await using t = await trial(await server(17), files);
  const ended = await t.pgmate(["up", "--dry-run", "--json"]);
  expect(document(ended)).toEqual({
    ok: true,
    dryRun: true,
    steps: [
      { direction: "up", version: "001", file: "db/migrations/001_a.sql" },
      { direction: "up", version: "002", file: "db/migrations/002_b.sql" },
    ],
  });
});

const mistakes: readonly (readonly [line: string, status: number, code: string])[] = [
  ["up --json --bogus", 2, "usage"],
  ["up --json extra", 2, "usage"],
  ["up --json --to", 2, "usage"],
  ["--json", 2, "usage"],
  ["create --json", 2, "usage"],
  ["upp --json", 3, "unknown-command"],
  ["force --json", 2, "usage"],
  ["goto 999 --json", 2, "version-unknown"],
  ["rollback --json", 2, "nothing-applied"],
  ["up --json --lock-wait soon", 2, "usage"],
  ["up --json --migrations-dir nowhere", 2, "directory-missing"],
  ["up --json --env NOT_THERE", 2, "url-missing"],
  ["status --json --env NOT_THERE", 2, "url-missing"],
  ["version --json --env NOT_THERE", 2, "url-missing"],
];

test("mistakes of the command line too", async () => {
  await using t = await trial(await server(17), files);
  for (const [line, status, code] of mistakes) {
    const ended = await t.pgmate(line.split(" "));
    expect([line, ended.status]).toEqual([line, status]);
    expect(document(ended)).toMatchObject({ ok: false, error: { code }, steps: [] });
  }
  for (const line of ["up --json=false --bogus", "up --bogus", "up --to --json"]) {
    expect((await t.pgmate(line.split(" "))).stdout).toBe("");
  }
});

test("stopped by Ctrl-C", async () => {
  await using t = await trial(await server(17), {
    ...files, "003_c.sql": pair("select pg_sleep(60);"),
  });
  const run = t.start(["up", "--json"]);
  while (!run.stderr().includes("Applying: 003_c.sql")) await Bun.sleep(20);
  await Bun.sleep(200);
  run.signal("SIGINT");
  const ended = await run.result;
  expect(ended.status).toBe(130);
  expect(document(ended)).toMatchObject({
    ok: false, error: { code: "interrupted", file: null, sqlstate: null }, steps: ups,
  });
});

test("no secret, and nothing that would move a cursor", async () => {
  const secret = "S3cr3t p@ss/w:rd%";
  await using t = await trial(await server(17), {
    "001_a.sql": pair(`create role r password '${secret}' "\u001b[1m\u009b1m\u202e";`),
  });
  const url = new URL(t.database.url);
  url.password = encodeURIComponent(secret);
  const refused = await t.pgmate(["up", "--json"], { DATABASE_URL: url.href });
  expect(document(refused)).toMatchObject({ error: { code: "connect-password" } });
  const failed = await t.pgmate(["up", "--json"]);
  expect(document(failed)).toMatchObject({ error: { code: "server", line: 2 } });
  for (const { stdout, stderr } of [refused, failed]) {
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout + stderr).not.toContain(encodeURIComponent(secret));
    expect(stdout).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u202e]/);
  }
});
