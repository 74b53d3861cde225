/** What is printed as the next command: typed as it stands, it does what it says, and no more. */
import { describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const block = (n: number): string =>
  `do $$ begin insert into log values (${n}); commit; raise exception 'no'; end $$;`;

const files = {
  "1_a.sql": pair("create table log (n int);", "drop table log;"),
  "2_b.sql": units(`insert into log values (1);\n${block(2)}\n${block(3)}`, "select 1;\nnope;"),
  "3_c.sql": pair("create table c ();", "drop table c;"),
};

async function column(t: Trial, sql: string): Promise<string> {
  return (await t.query(sql)).map((row) => String(Object.values(row)[0])).join(" ");
}

/** The words of the commands in the line that says what next. */
function nextCommands(stderr: string): readonly string[][] {
  const line = /^Next: .*$/m.exec(stderr)?.[0] ?? "";
  return [...line.matchAll(/`pgmate ([^`]*)`/g)].map(([, words = ""]) => words.split(" "));
}

test("an answer to one question is not given to the next", async () => {
  await using t = await trial(await server(17), files);
  const first = await t.pgmate(["up"]);
  expect(first.stderr).toContain("the next run must be told whether statement 2");
  const asked = await t.pgmate(["up"]);
  expect(nextCommands(asked.stderr)).toEqual([
    ["up", "--resume", "skip"], ["up", "--resume", "repeat"],
  ]);
  const skipped = await t.pgmate(nextCommands(asked.stderr)[0] ?? []);
  expect(skipped.stderr).toContain("the next run must be told whether statement 3");
  expect(nextCommands(skipped.stderr)).toEqual(nextCommands(asked.stderr));
  // What is to be taken as done must be what stands there.
  await t.migrations({ "2_b.sql": files["2_b.sql"].replace(block(3), "select 3;") });
  const changed = await t.pgmate(["up", "--resume", "skip"]);
  expect(changed.stderr).toContain("statement 3 was changed after it had run");
  expect(changed.status).toBe(2);
  expect(await t.applied()).toEqual(["1"]);
  const repeated = await t.pgmate(["up", "--resume", "repeat"]);
  expect(repeated.status).toBe(0);
  expect(await column(t, "select n from log order by n")).toBe("1 2 3");
});

describe("no more than was asked for", () => {
  test.each([
    [["migrate", "--to", "2"], ["migrate", "--to=2"]],
    [["up", "--steps", "2"], ["up", "--steps=1"]],
    [["goto", "2"], ["up", "--steps=1"]],
  ])("%p asks for %p", async (given, said) => {
    await using t = await trial(await server(17), files);
    await t.pgmate(given);
    const asked = await t.pgmate(given[0] === "goto" ? ["up", "--steps=1"] : given);
    expect(nextCommands(asked.stderr)[0]).toEqual([...said, "--resume", "skip"]);
    await t.pgmate([...said, "--resume", "skip"]);
    await t.pgmate([...said, "--resume", "skip"]);
    expect(await t.applied()).toEqual(["1", "2"]);
  });

  test("what redo has undone comes back, and nothing newer", async () => {
    const broken = pair("create table b (i int);\nselect 1 / (select count(*) from log);");
    await using t = await trial(await server(17), { ...files, "2_b.sql": broken });
    await t.pgmate(["up", "--to", "1"]);
    await t.query("insert into log values (1)");
    expect((await t.pgmate(["up", "--to", "2"])).status).toBe(0);
    await t.query("delete from log; drop table b");
    const redo = await t.pgmate(["redo"]);
    expect(nextCommands(redo.stderr)).toEqual([["up", "--to=2"]]);
    await t.query("insert into log values (1)");
    expect((await t.pgmate(["up", "--to=2"])).status).toBe(0);
    expect(await t.applied()).toEqual(["1", "2"]);
  });
});

describe("what is half run is finished before a goto or a redo is given again", () => {
  test.each([
    [["goto", "1"], [["rollback"], ["goto", "1"]]],
    [["redo"], [["rollback"], ["status"]]],
  ])("%p", async (given, said) => {
    const down = units("select 1;", "select 1;\nnope;");
    await using t = await trial(await server(17), { ...files, "2_b.sql": down });
    expect((await t.pgmate(["up", "--to", "2"])).status).toBe(0);
    const failed = await t.pgmate(given);
    expect(failed.stderr).toContain("1 of its 2 statements ran and stay");
    expect(nextCommands(failed.stderr)).toEqual(said);
    await t.migrations({ "2_b.sql": units("select 1;", "select 1;\nselect 2;") });
    for (const words of said) expect((await t.pgmate(words)).status).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
  });

  test("rollback --to what is half gone is refused, since it could not stay", async () => {
    await using t = await trial(await server(17), { ...files, "2_b.sql": pair("select 1;") });
    expect((await t.pgmate(["up", "--to", "2"])).status).toBe(0);
    await t.migrations({ "2_b.sql": units("select 1;", "select 1;\nnope;") });
    await t.pgmate(["rollback"]);
    await t.migrations({ "2_b.sql": units("select 1;", "select 1;\nselect 2;") });
    const refused = await t.pgmate(["rollback", "--to", "2"]);
    expect(refused.stderr).toContain("2_b.sql is half rolled back, and cannot be kept so");
    expect(refused.status).toBe(2);
    expect(await t.applied()).toEqual(["1", "2"]);
    expect((await t.pgmate(nextCommands(refused.stderr)[0] ?? [])).status).toBe(0);
    expect(await t.applied()).toEqual(["1"]);
  });
});

describe("it is about the same database and ledger", () => {
  test("the options that say which are in each command, the URL without its secrets", async () => {
    await using t = await trial(await server(17), files);
    const target = ["--migrations-table", "app.m"];
    await t.pgmate(["up", ...target]);
    const dirty = await t.pgmate(["goto", "1", ...target]);
    for (const words of nextCommands(dirty.stderr)) {
      expect(words).toContain("--migrations-table=app.m");
    }
    const [, applied = []] = nextCommands(dirty.stderr);
    expect(applied.slice(0, 4)).toEqual(["force", "--only", "2", "--applied"]);
    expect((await t.pgmate([...applied, "--yes"])).status).toBe(0);
    expect(await column(t, "select to_regclass('public.schema_migrations')")).toBe("null");
    expect(await column(t, "select version from app.m order by 1")).toBe("1 2");
    const status = await t.pgmate(["status", "--url", t.database.url], { DATABASE_URL: "" });
    expect(status.stdout).not.toContain("--url");
    const url = await t.pgmate(["up", "--url", t.database.url], { DATABASE_URL: "" });
    for (const words of nextCommands(url.stderr)) expect(words).toContain("--url=…");
  });

  test("also where status tells what goes on", async () => {
    await using t = await trial(await server(17), files);
    const target = ["-d", "db/migrations", "--migrations-table", "m"];
    await t.pgmate(["up", ...target]);
    const options = "--migrations-dir=db/migrations --migrations-table=m";
    const { stdout } = await t.pgmate(["status", ...target]);
    expect(stdout).toContain(`\`pgmate up --resume repeat ${options}\` runs it again`);
    const { stdout: json } = await t.pgmate(["status", "--json", ...target]);
    expect(json).not.toContain("--migrations-dir");
  });
});

test("a stop by hand names what finishes a half-run step, not what would be refused", async () => {
  const slow = units("select 1;\nselect pg_sleep(30);");
  await using t = await trial(await server(17), { ...files, "2_b.sql": slow });
  const running = t.start(["goto", "2"]);
  while (!running.stdout().includes("Applying: 2_b.sql")) await Bun.sleep(20);
  await Bun.sleep(500);
  running.signal("SIGINT");
  const { stderr, status } = await running.result;
  expect(status).toBe(130);
  expect(nextCommands(stderr)).toEqual([["up", "--steps=1"], ["goto", "2"]]);
});

test("what cannot go on in a new session is told at once, and by status", async () => {
  const text = units("create temp table x (i int);\nselect nope;");
  await using t = await trial(await server(17), { "1_a.sql": text });
  const failed = await t.pgmate(["up"]);
  const refusal =
    "1_a.sql cannot go on in a new session: statement 1 (CREATE TABLE) made a temporary object";
  expect(failed.stderr).toContain(`ran and stay; ${refusal}`);
  expect(nextCommands(failed.stderr)[1]).toEqual(["force", "--only", "1", "--pending"]);
  const status = await t.pgmate(["status"]);
  expect(status.stdout).toContain(`\`pgmate up\` cannot go on there: ${refusal}`);
  await t.pgmate(["force", "--only", "1", "--pending", "--yes"]);
  await t.migrations({ "1_a.sql": text.replace("nope", "1") });
  expect((await t.pgmate(["up"])).status).toBe(0);
});

test("an answer where nothing was asked runs nothing else instead", async () => {
  await using t = await trial(await server(17), files);
  await t.pgmate(["up", "--to", "1"]);
  for (const given of [["rollback"], ["up"], ["migrate"]]) {
    const refused = await t.pgmate([...given, "--resume", "skip"]);
    expect(refused.stderr).toContain("--resume is for a statement that may have committed");
    expect(refused.status).toBe(2);
  }
  await t.migrations({ "2_b.sql": units("select 1;\nselect nope;") });
  await t.pgmate(["up"]);
  expect((await t.pgmate(["up", "--resume", "skip"])).status).toBe(2);
  expect(await t.applied()).toEqual(["1"]);
});

test("force tells of the invalid index that nobody will drop any more", async () => {
  const text = units("insert into log values (1), (1);\n" +
    "create unique index concurrently x on log (n);");
  await using t = await trial(await server(17), { ...files, "2_b.sql": text });
  await t.pgmate(["up"]);
  const forced = await t.pgmate(["force", "--only", "2", "--applied", "--yes"]);
  expect(forced.stderr).toContain(
    "Warning: the index public.x, left by statement 2, stays INVALID: " +
      "`drop index concurrently public.x;`",
  );
  expect(forced.status).toBe(0);
});

test("standard output that is full: what was done is told", async () => {
  await using t = await trial(await server(17), files);
  const command = `"$PGMATE" up --to 1 > /dev/full`;
  const { PGMATE_BINARY = "dist/pgmate" } = process.env;
  const child = Bun.spawn(["sh", "-c", command], {
    cwd: t.project.folder,
    env: {
      ...process.env, DATABASE_URL: t.database.url, DBMATE_NO_DUMP_SCHEMA: "true",
      PGMATE: resolve(PGMATE_BINARY),
    },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const stderr = await new Response(child.stderr).text();
  expect(stderr).toContain("State: done before that: 1_a.sql applied");
  expect(await child.exited).toBe(2);
});
