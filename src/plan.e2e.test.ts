/** `plan` of the built pgmate: what it says of a real target, its formats, and its answer. */

import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import { parsePlanFile } from "./core/review/plan-file.ts";
import { server, serverVersions } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const tables = pair(
  "create table customers (id bigint primary key, name text);\n" +
    "create table orders (id bigint primary key, customer_id bigint references customers,\n" +
    "  note text);\n" +
    "insert into customers select n, repeat('x', 500) from generate_series(1, 4000) n;\n" +
    "insert into orders select n, n, repeat('x', 500) from generate_series(1, 4000) n;",
  "drop table orders; drop table customers;",
);

const changes = pair(
  "alter table orders add column total int;\n" +
    "alter table orders alter column note set not null;\n" +
    "alter table orders drop constraint orders_customer_id_fkey;\n" +
    "alter table customers drop column name;",
  "alter table orders drop column total;",
);

async function planned(version: 15 | 16 | 17 | 18): Promise<Trial> {
  const t = await trial(await server(version), { "001_tables.sql": tables });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.query("analyze");
  await t.migrations({ "002_changes.sql": changes });
  return t;
}

interface Statement {
  readonly command: string;
  readonly verdict: string;
  readonly locks: readonly { readonly relation: string; readonly mode: string }[];
  readonly rewrites: readonly string[];
  readonly scans: readonly string[];
  readonly loses: readonly string[];
  readonly undo: { readonly undone: string };
}

interface Document {
  readonly verdict: string;
  readonly answer: string;
  readonly target: { readonly fingerprint: string; readonly applied: readonly string[] };
  readonly files: readonly { readonly statements: readonly Statement[] }[];
}

async function documentOf(t: Trial, ...args: readonly string[]): Promise<Document> {
  const ran = await t.pgmate(["plan", "--format", "json", ...args]);
  expect(ran.stderr).toBe("");
  return JSON.parse(ran.stdout) as Document;
}

const versions = serverVersions.map((version) => [version] as const);

describe.each(versions)("on PostgreSQL %d", (version) => {
  test("it knows the other table, the scan, what is lost and what is not undone", async () => {
    await using t = await planned(version);
    const document = await documentOf(t);
    expect(document.verdict).toBe("breaking");
    expect(document.target.applied).toEqual(["001"]);
    const [added, notNull, dropped, column] = document.files[0]?.statements ?? [];
    expect(added?.locks).toEqual([{ relation: "public.orders", mode: "ACCESS EXCLUSIVE" }]);
    expect([added?.verdict, added?.undo.undone]).toEqual(["safe", "yes"]);
    expect([notNull?.verdict, notNull?.scans]).toEqual(["risky", ["public.orders"]]);
    expect(dropped?.locks.map(({ relation }) => relation).toSorted()).toEqual([
      "public.customers", "public.orders",
    ]);
    expect(column?.verdict).toBe("breaking");
    expect(column?.undo.undone).toBe("no");
    expect(column?.loses.join(" ")).toContain("public.customers.name");
  });
});

test("the text says the verdict first, and what makes it so", async () => {
  await using t = await planned(17);
  const ran = await t.pgmate(["plan"]);
  expect([ran.status, ran.stderr]).toEqual([0, ""]);
  expect(ran.stdout).toStartWith("BREAKING: ");
  expect(ran.stdout).toContain("because of db/migrations/002_changes.sql");
  expect(ran.stdout).toContain("ACCESS EXCLUSIVE on public.customers");
});

test("a table of a few rows is not risky to read", async () => {
  const few = tables.replaceAll("4000", "10");
  await using t = await trial(await server(18), { "001_tables.sql": few });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "002_a.sql": pair("alter table orders alter column note set not null;") });
  const document = await documentOf(t);
  expect(document.verdict).toBe("safe");
});

test("a table is as large as those that inherit from it", async () => {
  await using t = await trial(await server(17), {
    "001_a.sql": pair(
      "create table parent (id int, note text); create table child () inherits (parent);\n" +
        "insert into child select n, repeat('x', 500) from generate_series(1, 4000) n;",
      "drop table child; drop table parent;",
    ),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.query("analyze");
  await t.migrations({ "002_b.sql": pair("alter table parent alter column note set not null;") });
  expect((await documentOf(t)).verdict).toBe("risky");
});

test("--fail-on decides the exit status", async () => {
  await using t = await planned(16);
  expect((await t.pgmate(["plan"])).status).toBe(0);
  expect((await t.pgmate(["plan", "--fail-on", "risky"])).status).toBe(1);
  expect((await t.pgmate(["plan", "--fail-on", "breaking"])).status).toBe(1);
  expect((await t.pgmate(["plan", "--fail-on", "breaking", "--steps", "1", "--allow",
    "drop-column,drop-foreign-key"])).status).toBe(0);
  expect((await t.pgmate(["plan", "--fail-on", "safe"])).status).toBe(2);
});

test("the way back is planned too, with what it loses", async () => {
  await using t = await planned(15);
  const document = await documentOf(t, "--rollback");
  const statements = document.files.flatMap((file) => file.statements);
  expect(statements.map(({ command }) => command)).toEqual(["DROP TABLE", "DROP TABLE"]);
  expect(document.verdict).toBe("breaking");
  expect(statements.flatMap(({ loses }) => loses)).toEqual([
    "the rows of public.orders", "the rows of public.customers",
  ]);
  expect((await t.pgmate(["plan", "--all"])).status).toBe(2);
});

test("a database that does not exist yet has nothing that could be locked", async () => {
  const made = await server(17);
  await using t = await trial(made, { "001_tables.sql": tables, "002_changes.sql": changes });
  const url = made.url("not_there_yet");
  const ran = await t.pgmate(["plan", "--format", "json"], { DATABASE_URL: url });
  expect(ran.status).toBe(0);
  const document = JSON.parse(ran.stdout) as Document;
  expect(document.verdict).toBe("safe");
  const exists = "select 1 from pg_database where datname = 'not_there_yet'";
  expect(await made.query("postgres", exists)).toEqual([]);
});

test("every format has its payload on stdout or in the file, and nothing else", async () => {
  await using t = await planned(17);
  const first = {
    sql: "-- BREAKING", json: "{\n", markdown: "<!-- pgmate plan -->", html: "<!doctype html>",
    github: "::", sarif: "{\n",
  };
  for (const [format, start] of Object.entries(first)) {
    const ran = await t.pgmate(["plan", "--format", format]);
    expect([format, ran.status, ran.stderr]).toEqual([format, 0, ""]);
    expect(ran.stdout.toLowerCase()).toStartWith(start.toLowerCase());
    const written = await t.pgmate(["plan", "--format", format, "-o", `out.${format}`]);
    expect([written.status, written.stdout]).toEqual([0, ""]);
    expect(written.stderr).toStartWith("BREAKING: ");
    const text = await Bun.file(join(t.project.folder, `out.${format}`)).text();
    const bare = (one: string): string => one.replaceAll(/2\d{3}-\d\d-\d\dT[\d:.]+Z/g, "");
    expect(bare(text)).toBe(bare(ran.stdout));
  }
});

test("the sql format is what psql can run", async () => {
  await using t = await planned(17);
  const review = await t.pgmate(["plan", "--format", "sql"]);
  const dry = await t.pgmate(["up", "--dry-run"]);
  const script = (text: string): string => text.slice(text.indexOf("\\set ON_ERROR_STOP"));
  const body = (text: string): string => script(text).replace(/dry run of \w+/, "");
  expect(body(review.stdout)).toBe(body(dry.stdout));
  const comments = review.stdout.slice(0, review.stdout.indexOf("\\set ON_ERROR_STOP"));
  expect(comments.split("\n").filter((line) => !line.startsWith("--") && line !== "")).toEqual([]);
});

test("a file that would be refused is refused as up refuses it", async () => {
  await using t = await trial(await server(15), { "001_a.sql": "-- migrate:up\nselect 1;\n" });
  const plan = await t.pgmate(["plan"]);
  const up = await t.pgmate(["up"]);
  expect([plan.status, plan.stdout]).toEqual([2, ""]);
  expect(plan.stderr).toBe(up.stderr.replace(/^Target: .*\n/, ""));
});

test("a plan of JSON can be read back", async () => {
  await using t = await planned(18);
  const ran = await t.pgmate(["plan", "--format", "json"]);
  const plan = parsePlanFile(ran.stdout, "plan.json");
  expect(plan.steps.map(({ version, direction }) => `${direction} ${version}`)).toEqual(["up 002"]);
});

test("what cannot be parsed is not called safe, and the answer is no", async () => {
  await using t = await planned(17);
  await t.migrations({ "002_changes.sql": pair("selct 1;", "select 1;") });
  const ran = await t.pgmate(["plan"]);
  expect([ran.status, ran.stdout.startsWith("ERROR: not to be run as it is")]).toEqual([1, true]);
});

test("a section of units is judged unit by unit", async () => {
  await using t = await planned(18);
  await t.migrations({
    "002_changes.sql": units("create index concurrently i on orders (note);\nvacuum orders;"),
  });
  const document = await documentOf(t);
  const [index, vacuum] = document.files[0]?.statements ?? [];
  expect(index?.locks).toEqual([
    { relation: "public.orders", mode: "SHARE UPDATE EXCLUSIVE" },
  ]);
  expect([index?.verdict, vacuum?.verdict]).toEqual(["safe", "safe"]);
});
