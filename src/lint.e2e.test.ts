/** `lint` of the built pgmate: files without a database, chosen ones, and what a URL adds. */

import { describe, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { pgmate, type TemporaryProject, temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, trial } from "./testing/trial.ts";

const table = pair("create table app.t (a int);", "drop table app.t;");
const risky = pair("alter table app.t alter column a set not null;",
  "alter table app.t alter column a drop not null;");
const breaking = pair("alter table app.t drop column a;", "alter table app.t add column a int;");

interface Ran {
  readonly status: number;
  /** `file:line rule`, those of class safe left out. */
  readonly found: readonly string[];
}

async function lint(folder: string, ...args: readonly string[]): Promise<Ran> {
  const ran = await pgmate(["lint", "--format", "sarif", ...args], { cwd: folder });
  if (ran.status > 1) throw new Error(ran.stderr);
  const { runs } = JSON.parse(ran.stdout) as Sarif;
  const found = (runs[0]?.results ?? []).map(({ ruleId, locations }) => {
    const place = locations[0]?.physicalLocation;
    const name = place?.artifactLocation.uri.split("/").at(-1) ?? "";
    return `${name}:${place?.region?.startLine ?? 0} ${ruleId}`;
  });
  return { status: ran.status, found };
}

interface Sarif {
  readonly runs: readonly {
    readonly results: readonly {
      readonly ruleId: string;
      readonly locations: readonly {
        readonly physicalLocation: {
          readonly artifactLocation: { readonly uri: string };
          readonly region?: { readonly startLine: number };
        };
      }[];
    }[];
  }[];
}

function project(files: Readonly<Record<string, string>>): Promise<TemporaryProject> {
  const placed = Object.entries(files).map(([name, text]) => [`db/migrations/${name}`, text]);
  return temporaryProject({ files: Object.fromEntries(placed) });
}

describe("the exit status", () => {
  const texts: readonly (readonly [text: string, args: readonly string[], status: number])[] = [
    [table, [], 0],
    [risky, [], 1],
    [risky, ["--fail-on", "breaking"], 0],
    [breaking, ["--fail-on", "breaking"], 1],
    [breaking, ["--allow", "drop-column"], 0],
    ["-- migrate:up\nselect 1;\n", [], 1],
    ["-- migrate:up\nselect 1;\n", ["--fail-on", "breaking"], 1],
  ];
  test.each(texts)("of %s with %j is %d", async (text, args, status) => {
    await using made = await project({ "1_a.sql": text });
    const ran = await pgmate(["lint", ...args], { cwd: made.folder });
    expect([ran.status, ran.stderr]).toEqual([status, ""]);
  });
});

test("all files are judged each by itself, those chosen as one batch", async () => {
  await using made = await project({ "1_a.sql": table, "2_b.sql": risky });
  expect((await lint(made.folder)).found).toEqual(["2_b.sql:2 set-not-null"]);
  const both = await lint(made.folder, "db/migrations/1_a.sql", "db/migrations/2_b.sql");
  expect(both).toEqual({ status: 0, found: [] });
  await using other = await project({ "1_a.sql": table, "2_b.sql": risky, "3_c.sql": breaking });
  const two = await lint(other.folder, "db/migrations/1_a.sql", "db/migrations/2_b.sql");
  expect(two).toEqual({ status: 0, found: [] });
});

test("a file may lie anywhere", async () => {
  await using made = await temporaryProject({ files: { "x/any.sql": breaking } });
  expect((await lint(made.folder, "x/any.sql")).found).toEqual(["any.sql:2 drop-column"]);
  const ran = await pgmate(["lint", "x/none.sql"], { cwd: made.folder });
  expect([ran.status, ran.stderr.includes("x/none.sql does not exist")]).toEqual([2, true]);
  await made.write({ "y/1_a.sql": breaking });
  expect((await lint(made.folder, "y")).found).toEqual(["1_a.sql:2 drop-column"]);
  expect((await lint(made.folder, "y/1_a.sql", "./y/1_a.sql")).found).toHaveLength(1);
  const over = await pgmate(["lint", "y", "-o", "y/1_a.sql"], { cwd: made.folder });
  expect([over.status, over.stderr.includes("names a migration")]).toEqual([2, true]);
});

test("--since takes what differs from where the branch began", async () => {
  await using made = await project({ "1_a.sql": table, "2_b.sql": breaking });
  const git = (...args: readonly string[]): void => {
    const own = ["-c", "user.name=x", "-c", "user.email=x@y", ...args];
    const ran = spawnSync("git", own, { cwd: made.folder, encoding: "utf8" });
    expect([args[0], ran.stderr, ran.status]).toEqual([args[0], expect.anything(), 0]);
  };
  git("init", "-q", "-b", "main");
  git("add", ".");
  git("commit", "-qm", "a");
  expect((await lint(made.folder, "--since", "main")).found).toEqual([]);
  git("checkout", "-qb", "work");
  await made.write({ "db/migrations/3_c.sql": risky });
  git("add", ".");
  git("commit", "-qm", "b");
  await made.write({ "db/migrations/4_d.sql": breaking, "other.txt": "x" });
  git("checkout", "-q", "main");
  await made.write({ "db/migrations/5_e.sql": breaking });
  git("add", "db/migrations/5_e.sql");
  git("commit", "-qm", "c");
  git("checkout", "-q", "work");
  expect((await lint(made.folder, "--since", "main")).found).toEqual([
    "3_c.sql:2 set-not-null", "4_d.sql:2 drop-column",
  ]);
  const named = await lint(made.folder, "--since", "main", "db/migrations/4_d.sql");
  expect(named.found).toEqual(["4_d.sql:2 drop-column"]);
  const below = ["lint", "--since", "main", "-d", "../../db/migrations", "--format", "json"];
  await made.write({ "a/b/x.txt": "" });
  const inner = await pgmate(below, { cwd: `${made.folder}/a/b` });
  expect(inner.stdout).toContain("4_d.sql");
  const unknown = await pgmate(["lint", "--since", "nowhere"], { cwd: made.folder });
  expect([unknown.status, unknown.stderr.includes("nowhere")]).toEqual([2, true]);
});

test("a URL in the environment is not looked at", async () => {
  await using made = await project({ "1_a.sql": table });
  const env = { DATABASE_URL: "postgres://nobody@127.0.0.1:1/x" };
  expect((await pgmate(["lint"], { cwd: made.folder, env })).status).toBe(0);
  expect((await pgmate(["lint", "-e", "DATABASE_URL"], { cwd: made.folder, env })).status).toBe(2);
});

test("with a URL it knows what is there, and does not judge what has run", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair("create schema app; create table app.t (a int);",
      "drop table app.t; drop schema app;"),
    "2_b.sql": pair("alter table app.t add column b int not null default 1;",
      "alter table app.t drop column b;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "3_c.sql": risky });
  const folder = t.project.folder;
  expect((await lint(folder)).found).toEqual(["3_c.sql:2 set-not-null"]);
  expect((await lint(folder, "--url", t.database.url)).found).toEqual([]);
  await t.query("insert into app.t select n from generate_series(1, 200000) n");
  await t.query("analyze");
  expect((await lint(folder, "--url", t.database.url)).found).toEqual(["3_c.sql:2 set-not-null"]);
});

test("rules can be listed and explained, and those unknown are named", async () => {
  await using made = await project({});
  const list = await pgmate(["lint", "--rules"], { cwd: made.folder });
  expect([list.status, list.stdout.includes("set-not-null")]).toEqual([0, true]);
  const page = await pgmate(["lint", "--explain", "set-not-null"], { cwd: made.folder });
  expect(page.stdout).toContain("ACCESS EXCLUSIVE");
  const unknown = await pgmate(["lint", "--explain", "set-not-nul"], { cwd: made.folder });
  expect([unknown.status, unknown.stderr.includes("did you mean set-not-null?")])
    .toEqual([2, true]);
  const allowed = await pgmate(["lint", "--allow", "nothing"], { cwd: made.folder });
  expect([allowed.status, allowed.stderr.includes("there is no rule")]).toEqual([2, true]);
});

test("secrets in a file are found, and shown nowhere", async () => {
  const text = pair("create role app login password 'hunter2-secret';", "drop role app;");
  await using made = await project({ "1_a.sql": text });
  for (const format of ["text", "json", "markdown", "html", "github", "sarif"]) {
    const ran = await pgmate(["lint", "--format", format], { cwd: made.folder });
    expect(ran.status).toBe(1);
    expect(`${ran.stdout}${ran.stderr}`).not.toContain("hunter2-secret");
    expect(ran.stdout).toContain("likely-secret");
  }
});
