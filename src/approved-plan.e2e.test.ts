/** `up --plan`: runs what was looked at, and nothing else. */

import { expect, test } from "bun:test";
import { join } from "node:path";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const one = pair("create table a (id int);", "drop table a;");
const two = pair("create table b (id int);", "drop table b;");

async function planned(...args: readonly string[]): Promise<Trial> {
  const t = await trial(await server(17), { "001_one.sql": one, "002_two.sql": two });
  const made = await t.pgmate(["plan", "--format", "json", "-o", "plan.json", ...args]);
  expect(made.status).toBe(0);
  return t;
}

test("it runs the plan, and only that", async () => {
  await using t = await planned("--to", "001");
  const ran = await t.pgmate(["up", "--plan", "plan.json"]);
  expect([ran.status, ran.stdout.includes("Applied: 001_one.sql")]).toEqual([0, true]);
  expect(await t.applied()).toEqual(["001"]);
});

test("files that came later do not matter, those of the plan do", async () => {
  await using t = await planned();
  await t.migrations({ "003_three.sql": pair("create table c (id int);") });
  expect((await t.pgmate(["up", "--plan", "plan.json", "--dry-run"])).status).toBe(0);
  expect((await t.pgmate(["up", "--plan", "plan.json"])).status).toBe(0);
  expect(await t.applied()).toEqual(["001", "002"]);
});

test("a file that has changed is named, even where only a comment did", async () => {
  await using t = await planned();
  await t.migrations({ "002_two.sql": `-- looked at\n${two}` });
  for (const args of [["up", "--plan", "plan.json"], ["up", "--plan", "plan.json", "--dry-run"]]) {
    const ran = await t.pgmate(args);
    expect(ran.status).toBe(2);
    expect(ran.stderr).toContain("changed since the plan was made: db/migrations/002_two.sql");
    expect(ran.stdout).toBe("");
  }
  expect(await t.query("select 1 from pg_class where relname in ('a', 'b')")).toEqual([]);
});

test("a file that came between since is named, and an empty option is no plan", async () => {
  await using t = await planned();
  await t.migrations({ "0015_between.sql": pair("create table c (id int);") });
  const ran = await t.pgmate(["up", "--plan", "plan.json"]);
  expect([ran.status, ran.stderr.includes("0015_between.sql came since")]).toEqual([2, true]);
  const empty = await t.pgmate(["up", "--plan", ""]);
  expect([empty.status, empty.stderr.includes("--plan is empty")]).toEqual([2, true]);
  expect(await t.query("select 1 from pg_class where relname in ('a', 'b', 'c')")).toEqual([]);
});

test("a history that has changed is told by its versions", async () => {
  await using t = await planned();
  expect((await t.pgmate(["up", "--to", "001"])).status).toBe(0);
  const ran = await t.pgmate(["up", "--plan", "plan.json"]);
  expect(ran.status).toBe(2);
  expect(ran.stderr).toContain("001 applied since");
  expect(await t.applied()).toEqual(["001"]);
  const made = await t.pgmate(["plan", "--format", "json", "-o", "plan.json"]);
  expect(made.status).toBe(0);
  expect((await t.pgmate(["rollback"])).status).toBe(0);
  const other = await t.pgmate(["up", "--plan", "plan.json"]);
  expect(other.stderr).toContain("001 rolled back since");
});

test("a second run of the same plan is refused, since it has run", async () => {
  await using t = await planned();
  expect((await t.pgmate(["up", "--plan", "plan.json"])).status).toBe(0);
  const ran = await t.pgmate(["up", "--plan", "plan.json"]);
  expect([ran.status, ran.stderr.includes("001, 002 applied since")]).toEqual([2, true]);
});

test("a file that is gone is named", async () => {
  await using t = await planned();
  await t.project.remove("db/migrations/002_two.sql");
  const ran = await t.pgmate(["up", "--plan", "plan.json"]);
  expect([ran.status, ran.stderr.includes("002_two.sql of the plan is gone")]).toEqual([2, true]);
});

test("two runs of one plan at once: one does it, the other changes nothing", async () => {
  await using t = await planned();
  const runs = await Promise.all([
    t.pgmate(["up", "--plan", "plan.json"]), t.pgmate(["up", "--plan", "plan.json"]),
  ]);
  expect(runs.map(({ status }) => status).toSorted()).toEqual([0, 2]);
  expect(await t.applied()).toEqual(["001", "002"]);
});

test("what is no plan, or one of a rollback, or beside other wishes, is refused", async () => {
  await using t = await planned();
  await t.project.write({ "other.json": "{}", "broken.json": "{" });
  const texts: readonly (readonly [args: readonly string[], says: string])[] = [
    [["--plan", "none.json"], "none.json does not exist"],
    [["--plan", "other.json"], "other.json is no plan of pgmate"],
    [["--plan", "broken.json"], "broken.json"],
    [["--plan", "plan.json", "--to", "001"], "--to would choose, and a plan has chosen"],
  ];
  for (const [args, says] of texts) {
    const ran = await t.pgmate(["up", ...args]);
    expect([ran.status, ran.stdout]).toEqual([2, ""]);
    expect(ran.stderr).toContain(says);
  }
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.pgmate(["plan", "--rollback", "--format", "json", "-o", "back.json"]);
  const back = await t.pgmate(["up", "--plan", "back.json"]);
  expect([back.status, back.stderr.includes("plan of a rollback")]).toEqual([2, true]);
});

test("the database of a stale plan is not even made", async () => {
  await using t = await planned();
  const made = await server(17);
  const url = made.url("stale_plan");
  const plan = await t.pgmate(["plan", "--format", "json", "-o", "new.json"],
    { DATABASE_URL: url });
  expect(plan.status).toBe(0);
  await t.migrations({ "001_one.sql": `${one}\n` });
  const ran = await t.pgmate(["up", "--plan", "new.json"], { DATABASE_URL: url });
  expect(ran.status).toBe(2);
  const exists = "select 1 from pg_database where datname = 'stale_plan'";
  expect(await made.query("postgres", exists)).toEqual([]);
  expect(await Bun.file(join(t.project.folder, "new.json")).exists()).toBe(true);
});
