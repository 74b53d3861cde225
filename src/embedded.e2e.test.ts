/** The built pgmate on its own Postgres: in memory, in a kept folder, with nothing else around. */
import { describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { pgmate, startPgmate, temporaryProject } from "./testing/program.ts";
import { pair, units } from "./testing/trial.ts";

const sample = {
  "db/migrations/1_rooms.sql": pair(
    "create extension citext;\ncreate table rooms (name citext unique);\n" +
      "copy rooms from stdin;\nGarden\nAttic; quiet\n\\.\n",
    "drop table rooms;\ndrop extension citext;",
  ),
  "db/migrations/2_index.sql": units(
    "create table tags (tag text);\ncreate index concurrently tags_idx on tags (tag);",
    "drop table tags;",
  ),
};

/** Names, sizes, times and contents of all that lies in a folder. */
function fingerprint(folder: string): string {
  const hash = createHash("sha256");
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }).toSorted()) {
    const path = join(entry.parentPath, entry.name);
    const { mtimeMs, size } = statSync(path);
    hash.update(`${path} ${size} ${mtimeMs}\n`);
    if (entry.isFile()) hash.update(readFileSync(path));
  }
  return hash.digest("hex");
}

test("in memory: up makes everything anew, and nothing is left on disk", async () => {
  await using project = await temporaryProject({ files: sample });
  const run = await pgmate(["--url", "pglite:", "up"], { cwd: project.folder });
  expect(run.stderr).toBe("Target: pglite: (PostgreSQL 18.6)\n");
  expect(run.stdout.match(/^Applied: .*(?= in)/gm)).toEqual([
    "Applied: 1_rooms.sql", "Applied: 2_index.sql",
  ]);
  expect(run.status).toBe(0);
  expect(readdirSync(project.folder)).toEqual(["db"]);
  const status = await pgmate(["--url", "pglite:", "status"], { cwd: project.folder });
  expect(status.stdout).toEndWith("\nApplied: 0\nPending: 2\n");
});

test("what is left out is not missed: every extension, zones, ICU, stemming, XML", async () => {
  const used = pair(`
    do $$ declare one text; begin
      for one in select name from pg_available_extensions where name <> 'plpgsql' loop
        execute format('create extension if not exists %I cascade', one);
      end loop;
      assert (select count(*) from pg_extension) > 30, 'extensions';
      assert (select count(*) from pg_timezone_names) > 400, 'zones';
      assert to_tsvector('german', 'Häuser laufen') @@ to_tsquery('german', 'laufe'), 'stemming';
      assert xpath('/a/text()', '<a>1</a>')::text = '{1}', 'XML';
      assert convert_from('\\xfc', 'LATIN1') = 'ü', 'LATIN1';
      assert 'ä' collate "und-x-icu" < 'z', 'ICU';
    end $$;`);
  await using project = await temporaryProject({ files: { "db/migrations/1_a.sql": used } });
  const { status, stderr } = await pgmate(["--url", "pglite:", "up"], { cwd: project.folder });
  expect({ status, stderr }).toEqual({
    status: 0, stderr: "Target: pglite: (PostgreSQL 18.6)\n",
  });
});

test("a conversion that it would not survive is an error of the statement", async () => {
  const files = { "db/migrations/1_a.sql": pair("select convert_to('a', 'WIN1252');") };
  await using project = await temporaryProject({ files });
  const { status, stderr } = await pgmate(["--url", "pglite:", "up"], { cwd: project.folder });
  expect(status).toBe(2);
  expect(stderr).toContain("1_a.sql:2:1: could not load library");
  expect(stderr).toContain("State: nothing of 1_a.sql was kept");
});

describe("a kept folder", () => {
  const at = (folder: string) => ({ cwd: folder, env: { DATABASE_URL: "pglite:./data" } });

  test("is made by up, keeps what was done, goes with drop", async () => {
    await using project = await temporaryProject({ files: sample });
    const options = at(project.folder);
    const none = await pgmate(["migrate"], options);
    expect(none.status).toBe(2);
    expect(none.stderr).toContain("Error: ./data holds no database\n");
    expect(none.stderr).toContain("pgmate up");
    expect(existsSync(join(project.folder, "data"))).toBe(false);

    const up = await pgmate(["up"], options);
    expect(up.stderr).toBe("Target: pglite:./data (PostgreSQL 18.6)\n");
    expect(up.stdout).toStartWith("Creating: ./data\nApplying: 1_rooms.sql\n");
    const status = await pgmate(["status", "--json"], options);
    const document = JSON.parse(status.stdout) as Readonly<Record<string, unknown>>;
    expect(document).toMatchObject({ applied: 2, pending: 0, missing: 0 });
    expect((await pgmate(["version"], options)).stdout).toBe("2\ndirty: false\n");
    expect((await pgmate(["up"], options)).stdout).toBe("");
    expect((await pgmate(["create"], options)).status).toBe(2);
    const back = await pgmate(["rollback", "--all"], options);
    expect(back.stdout.match(/^Rolled back: \S+/gm)).toHaveLength(2);
    const dropped = await pgmate(["drop"], options);
    expect(dropped).toMatchObject({ status: 0, stdout: "Dropping: ./data\n" });
    expect(existsSync(join(project.folder, "data"))).toBe(false);
    expect((await pgmate(["drop"], options)).status).toBe(0);
    expect((await pgmate(["create"], options)).stdout).toBe("Creating: ./data\n");
    expect((await pgmate(["version"], options)).stdout).toBe("no migration\n");
  }, 120_000);

  test("a dry run touches no file and makes no folder", async () => {
    await using project = await temporaryProject({ files: sample });
    const options = at(project.folder);
    const before = fingerprint(project.folder);
    const fresh = await pgmate(["up", "--dry-run"], options);
    expect(fresh.status).toBe(0);
    expect(fresh.stdout).toStartWith("\\set ON_ERROR_STOP on\n");
    expect(fresh.stdout).toContain("./data does not exist yet");
    expect(fingerprint(project.folder)).toBe(before);

    await pgmate(["up", "--steps", "1"], options);
    const kept = fingerprint(project.folder);
    for (const args of [["up"], ["rollback"], ["redo"], ["goto", "2"], ["migrate"]]) {
      const run = await pgmate([...args, "--dry-run"], options);
      expect([args[0], run.status]).toEqual([args[0], 0]);
      expect(run.stdout).toStartWith("\\set ON_ERROR_STOP on\n");
      expect(fingerprint(project.folder)).toBe(kept);
    }
  }, 120_000);

  test("several processes started together take turns; no step runs twice", async () => {
    await using project = await temporaryProject({
      files: {
        ...sample,
        "db/migrations/3_slow.sql": pair("select pg_sleep(0.5); create table slow (i int);"),
      },
    });
    const options = at(project.folder);
    const runs = await Promise.all([1, 2, 3].map(() => pgmate(["up"], options)));
    expect(runs.map(({ status }) => status)).toEqual([0, 0, 0]);
    const applied = runs.flatMap(({ stdout }) => stdout.match(/^Applied: \S+/gm) ?? []);
    expect(applied.toSorted()).toEqual([
      "Applied: 1_rooms.sql", "Applied: 2_index.sql", "Applied: 3_slow.sql",
    ]);
    expect(runs.map(({ stderr }) => stderr).join("")).toMatch(/Waiting for .*pgmate up/);
  }, 120_000);

  test("kill -9 in the midst of a step leaves neither it nor its row, and no lock", async () => {
    await using project = await temporaryProject({
      files: {
        ...sample,
        "db/migrations/3_slow.sql": pair("create table half (i int); select pg_sleep(60);"),
      },
    });
    const options = at(project.folder);
    const run = startPgmate(["up"], options);
    while (!run.stdout().includes("Applying: 3_slow.sql")) await Bun.sleep(20);
    await Bun.sleep(200);
    run.signal("SIGKILL");
    expect((await run.result).status).toBe(137);
    const status = await pgmate(["status"], options);
    expect(status.stdout).toEndWith("Applied: 2\nPending: 1\n");
    await project.write({ "db/migrations/3_slow.sql": pair("create table half (i int);") });
    expect((await pgmate(["up", "--lock-wait", "1s"], options)).status).toBe(0);
  }, 120_000);

  test("Ctrl-C ends a statement that would run for long; history is true", async () => {
    await using project = await temporaryProject({
      files: { ...sample, "db/migrations/3_slow.sql": pair("select pg_sleep(60);") },
    });
    const options = at(project.folder);
    const run = startPgmate(["up"], options);
    while (!run.stdout().includes("Applying: 3_slow.sql")) await Bun.sleep(20);
    run.signal("SIGINT");
    const { status, stderr } = await run.result;
    expect(status).toBe(130);
    expect(stderr).toContain("interrupted");
    expect((await pgmate(["version"], options)).stdout).toBe("2\ndirty: false\n");
  }, 120_000);

  test("a faulty file is found before anything is made", async () => {
    await using project = await temporaryProject({
      files: { ...sample, "db/migrations/3_bad.sql": "-- migrate:up\nselect 'open;\n" },
    });
    const run = await pgmate(["up"], at(project.folder));
    expect(run).toMatchObject({ status: 2, stdout: "" });
    expect(run.stderr).toContain("db/migrations/3_bad.sql:2:8: ");
    expect(readdirSync(project.folder)).toEqual(["db"]);
  });

  test("what pgmate did not make is neither used nor removed", async () => {
    await using project = await temporaryProject({ files: { ...sample, "data/notes.txt": "x" } });
    const options = at(project.folder);
    const before = fingerprint(project.folder);
    for (const command of ["up", "create", "drop", "status"]) {
      const run = await pgmate([command], options);
      expect([command, run.status]).toEqual([command, 2]);
      expect(run.stderr).toMatch(/holds files, but no Postgres data|pgmate did not make/);
    }
    expect(fingerprint(project.folder)).toBe(before);
  });
});

test("an error has its place, also in the data of a COPY", async () => {
  await using project = await temporaryProject({
    files: {
      "db/migrations/1_bad.sql": pair(
        "create table t (i int);\ncopy t from stdin;\n1\ntwo\n3\n\\.\n",
      ),
    },
  });
  const run = await pgmate(["--url", "pglite:", "up"], { cwd: project.folder });
  expect(run.status).toBe(2);
  expect(run.stderr).toContain("Error: db/migrations/1_bad.sql:5:1: invalid input syntax");
  expect(run.stderr).toContain("  5 | two\n    | ^\n");
  expect(run.stderr).toContain('Context: COPY t, line 2, column i: "two"');
  expect(run.stderr).toContain("State: nothing of 1_bad.sql was kept");
});

test("a link named dbmate is pgmate", async () => {
  await using project = await temporaryProject({ files: sample });
  const link = join(project.folder, "dbmate");
  symlinkSync(join(import.meta.dir, "../dist/pgmate"), link);
  const { stdout } = Bun.spawnSync([link, "--url", "pglite:", "status"], { cwd: project.folder });
  expect(stdout.toString()).toEndWith("Applied: 0\nPending: 2\n");
});
