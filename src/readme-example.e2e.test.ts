/** The README's examples for CI and machines, run: their own lines, against a real server. */
import { expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { readImage } from "./testing/dockerfile.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { temporaryProject } from "./testing/program.ts";
import { at, example, stepsOf, unitExample, yamlExample } from "./testing/readme-example.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";
import { type Runner, runJob } from "./testing/workflow.ts";

const pullRequest = ".github/workflows/migrations.yml";
const deploy = ".github/workflows/deploy.yml";
const service = "/etc/systemd/system/shop-migrate.service";

const first = { "1_a.sql": pair("create table a (i int);", "drop table a;") };
const risky = {
  "2_b.sql": pair(
    "alter table a alter column i set not null;",
    "alter table a alter column i drop not null;",
  ),
};

function git(folder: string, ...args: readonly string[]): void {
  const own = ["-c", "user.name=a", "-c", "user.email=a@b.invalid", ...args];
  const { status, stderr } = spawnSync("git", own, { cwd: folder, encoding: "utf8" });
  expect({ args, status, stderr }).toMatchObject({ status: 0 });
}

test("a pull request: a comment with the plan, annotations, and a job that fails", async () => {
  await using t = await trial(await server(18), first);
  const { folder } = t.project;
  git(folder, "init", "-q", "-b", "main");
  git(folder, "add", "db");
  git(folder, "commit", "-qm", "a");
  git(folder, "update-ref", "refs/remotes/origin/main", "HEAD");
  expect((await t.pgmate(["up"])).status).toBe(0);
  // Enough rows that the scan is one.
  await t.query("insert into a select generate_series(1, 100000)");
  await t.migrations(risky);
  git(folder, "add", "db");
  git(folder, "commit", "-qm", "b");

  const steps = stepsOf(pullRequest, "review");
  const ran = await runJob(steps, {
    folder,
    env: { GITHUB_BASE_REF: "main" },
    contexts: {
      "secrets.STAGING_URL": t.database.url, "github.token": "t", "github.event.number": "7",
    },
    writtenDown: ["gh"],
  });
  expect(ran.map(({ status }) => status)).toEqual([0, 0, 0, 1]);
  const plan = await readFile(join(folder, "plan.md"), "utf8");
  expect(plan).toContain("RISKY");
  expect(plan).toContain("2_b.sql");
  expect(await readFile(join(folder, "gh.log"), "utf8"))
    .toBe("pr comment 7 --body-file plan.md --edit-last --create-if-none\n");
  const linted = ran.at(-1)?.stdout ?? "";
  expect(linted).toContain("file=db/migrations/2_b.sql,line=2");
  expect(linted).not.toContain("1_a.sql");
  expect(await t.applied()).toEqual(["1"]);
});

/** What is the example's alone: where backups go. */
function inFolder(t: Trial, runner: Pick<Runner, "programs">): Runner {
  return {
    ...runner,
    folder: t.project.folder,
    env: { GITHUB_SHA: "4f9c", GITHUB_STEP_SUMMARY: join(t.project.folder, "summary.md") },
    contexts: {
      "secrets.PRODUCTION_READER_URL": t.database.url, "secrets.PRODUCTION_URL": t.database.url,
    },
    writtenDown: ["curl"],
  };
}

function migrateSteps(t: Trial) {
  const backups = join(t.project.folder, "backups");
  return stepsOf(deploy, "migrate").map((step) => {
    return step.run === undefined
      ? step
      : { ...step, run: step.run.replace("/var/backups/shop", backups) };
  });
}

// The oldest server, which every pg_dump can read.
testWithOracle("pg_dump", "a deploy: what was planned runs, behind a backup", async (pgDump) => {
  await using t = await trial(await server(15), first);
  const runner = inFolder(t, { programs: { pg_dump: pgDump } });
  await mkdir(join(t.project.folder, "backups"));
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations(risky);

  const planned = await runJob(stepsOf(deploy, "plan"), runner);
  expect(planned.map(({ status }) => status)).toEqual([0, 0, 0]);
  expect(await readFile(join(t.project.folder, "summary.md"), "utf8")).toContain("2_b.sql");
  expect(await t.applied()).toEqual(["1"]);

  const migrated = await runJob(migrateSteps(t), runner);
  expect(migrated.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
  expect(migrated[2]?.stdout).toContain("Applied: 2_b.sql");
  expect(await t.applied()).toEqual(["1", "2"]);
  const backup = await readFile(join(t.project.folder, "backups/4f9c.dump"));
  expect(backup.subarray(0, 5).toString()).toBe("PGDMP");
  expect(await readFile(join(t.project.folder, "curl.log"), "utf8"))
    .toBe("--fail --retry 10 --retry-all-errors https://shop.example/health\n");
});

testWithOracle("pg_dump", "a deploy: what is not as planned does not run", async (pgDump) => {
  await using t = await trial(await server(15), first);
  const runner = inFolder(t, { programs: { pg_dump: pgDump } });
  await mkdir(join(t.project.folder, "backups"));
  await runJob(stepsOf(deploy, "plan"), runner);
  await t.migrations({ "1_a.sql": pair("create table b (i int);", "drop table b;") });
  const migrated = await runJob(migrateSteps(t), runner);
  // No look at the health either: the job has failed.
  expect(migrated.map(({ status }) => status)).toEqual([0, 0, 2]);
  expect(await t.query("select to_regclass('b') as b")).toEqual([{ b: null }]);
});

test("systemd's command line migrates with the variables of its file", async () => {
  await using t = await trial(await server(18), first);
  const [, ...words] = unitExample(service).get("ExecStart")?.split(" ") ?? [];
  const args = words.map((word) => word.replace("/opt/shop", t.project.folder));
  expect(args).not.toEqual(words);
  expect((await t.pgmate(args)).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
});

testWithOracle("systemd-analyze", "systemd has nothing to say against the unit", async (path) => {
  await using project = await temporaryProject();
  const file = join(project.folder, "shop-migrate.service");
  const unit = example(service).replace("/usr/local/bin/pgmate", "/bin/true");
  const verify = (): string => {
    return spawnSync(path, ["verify", "--man=no", file], { encoding: "utf8" }).stderr;
  };
  await writeFile(join(project.folder, "shop.service"), "[Service]\nExecStart=/bin/true\n");
  await writeFile(file, unit);
  expect(verify()).not.toContain("shop-migrate.service:");
  await writeFile(file, unit.replace("oneshot", "oneshut"));
  expect(verify()).toContain("shop-migrate.service:");
});

test("Compose's variables are enough for the image's command", async () => {
  await using t = await trial(await server(18), first);
  const environment = at(yamlExample("compose.yaml"), "services.migrate.environment");
  const url = String(at(environment, "DATABASE_URL"))
    .replace("@db/shop", `@${t.server.host}:${t.server.port}/${t.database.name}`);
  expect(at(environment, "PGPASSWORD")).toBe("${DB_PASSWORD:?}");
  const env = { DATABASE_URL: url, PGPASSWORD: t.server.password };
  expect((await t.pgmate(readImage().command, env)).status).toBe(0);
  expect(await t.applied()).toEqual(["1"]);
});
