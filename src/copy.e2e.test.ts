/** COPY and large files through the built pgmate: what arrives, what is told, how much memory. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { migrationOf } from "./testing/parsed.ts";
import type { ProgramResult } from "./testing/program.ts";
import { edgeVersions, server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const table = "create table a (i int, t text);\n";

type Rows = readonly (readonly unknown[])[];

/** A COPY with its data, and the rows that must come of it. */
const copies: readonly (readonly [title: string, sql: string, rows: Rows])[] = [
  ["text", "copy a from stdin;\n1\tone\\ttab\n2\t\\N\n\\.\n", [[1, "one\ttab"], [2, null]]],
  ["nothing", "copy a from stdin;\n\\.\n", []],
  ["text with CRLF", "copy a from stdin;\r\n1\tx\r\n2\ty\r\n\\.\r\n", [[1, "x"], [2, "y"]]],
  ["text with a header", "copy a from stdin with (header);\ni\tt\n1\tx\n\\.\n", [[1, "x"]]],
  [
    "CSV with a line break, a marker and the end of data in quotes",
    "copy a from stdin with (format csv, header);\ni,t\n1,\"x\n-- migrate:down\n\"\n2,\\.\n\\.\n",
    [[1, "x\n-- migrate:down\n"], [2, "\\."]],
  ],
  ["a marker", "copy a (t) from stdin;\n-- migrate:down\n\\.\n", [[null, "-- migrate:down"]]],
  ["what looks like SQL", "copy a (t) from stdin;\n'; drop table a; --$$\n\\.\n",
    [[null, "'; drop table a; --$$"]]],
  ["two and statements around", "insert into a values (1);copy a (i) from stdin;\n2\n\\.\n" +
    "insert into a values (3);copy a (i) from stdin;\n4\n\\.\ninsert into a values (5)",
    [[1, null], [2, null], [3, null], [4, null], [5, null]]],
  ["FROM STDOUT", "COPY public.\"a\" (i) /* c */ FROM STDOUT; -- c\n1\n\\.\n", [[1, null]]],
  ["a comment behind it", "copy a (i) from stdin; /* c */ -- c\n1\n\\.\n-- the end", [[1, null]]],
];

describe.each(edgeVersions)("on PostgreSQL %d", (version) => {
  test("the data of every COPY arrive, in a transaction and outside", async () => {
    await using t = await trial(await server(version));
    for (const [index, [title, sql, rows]] of copies.entries()) {
      for (const [shape, made] of [pair(table + sql), units(table + sql)].entries()) {
        const name = `${index * 2 + shape + 100}_${shape}.sql`;
        await t.migrations({ [name]: made });
        const up = await t.pgmate(["up"]);
        expect([title, up.stderr.split("\n").slice(1), up.status]).toEqual([title, [""], 0]);
        const found = await t.query("select i, t from a order by i");
        expect({ title, rows: found.map((row) => [row["i"], row["t"]]) }).toEqual({
          title,
          rows: rows.map((row) => [...row]),
        });
        await t.query("drop table a");
      }
    }
  });
});

test("notices that come of a COPY are shown", async () => {
  await using t = await trial(await server(17), {
    "1_a.sql": pair(
      `${table}create function f() returns trigger language plpgsql as
        $$ begin raise notice 'row %', new.i; return new; end $$;
      create trigger t before insert on a for each row execute function f();
      copy a (i) from stdin;\n1\n2\n\\.\n`,
    ),
  });
  const up = await t.pgmate(["up", "-v"]);
  expect(up.status).toBe(0);
  expect(up.stderr.match(/^NOTICE: .*/gm)).toEqual(["NOTICE: row 1", "NOTICE: row 2"]);
  expect(up.stdout).toContain("Rows affected: 2\n");
});

test("COPY … TO STDOUT writes to nobody, and what fails behind it is told", async () => {
  const out = "copy (select repeat('x', 1000) from generate_series(1, 20000)) to stdout;\n";
  await using t = await trial(await server(17), {
    "1_a.sql": pair(`${table}${out}copy a to stdin;insert into a values (1);${out}`),
    "2_b.sql": units(`${out}begin;${out}insert into a values (2);commit;`),
    "3_c.sql": pair(`${out}${out}create table c ();select 1/0;`),
  });
  const up = await t.pgmate(["up"]);
  expect(up.status).toBe(2);
  expect(up.stdout).not.toContain("xxx");
  expect(up.stderr).toContain("3_c.sql:4:19: division by zero");
  expect(await t.applied()).toEqual(["1", "2"]);
  expect(await t.query("select 1 from a")).toHaveLength(2);
  expect(await t.query("select 1 from pg_class where relname = 'c'")).toHaveLength(0);
});

test("the row of a large file has the checksum that its text has", async () => {
  const data = `1\tü ${"v".repeat(95)}\n`.repeat(100_000);
  const copy = `copy a from stdin; -- c\n${data}\\.\n`;
  const sections = `\\restrict x\nbegin;\n${table}/* c */;;\n${copy}commit;\n\\unrestrict x\n` +
    `-- migrate:down\ndrop table a;\n-- migrate:up\n${copy}select 'a'\n  'b'\n-- migrate:down\n`;
  const files = {
    "1_a.sql": `-- migrate:up lock_timeout:3s\n${sections}`,
    "2_b.sql": `-- migrate:up transaction:false\n${sections.replaceAll("table a", "table b")}`,
  };
  await using t = await trial(await server(17), files);
  const up = await t.pgmate(["up"]);
  expect(up.stderr).not.toContain("Error");
  const rows = await t.query("select checksum from schema_migrations order by version");
  const checksums = Object.values(files).map((text) => migrationOf(text).checksum);
  expect(rows.map((row) => row["checksum"])).toEqual(checksums);
  expect((await t.pgmate(["status", "--long"])).stdout.match(/checksum same/g)).toHaveLength(2);
});

interface Watched extends ProgramResult {
  readonly peakMb: number;
}

/** Runs `up` and looks how much memory it takes at most. */
async function watched(t: Trial, args: readonly string[]): Promise<Watched> {
  const program = t.start(args);
  let peakKb = 0;
  const timer = setInterval(() => {
    try {
      const status = readFileSync(`/proc/${program.pid}/status`, "utf8");
      peakKb = Math.max(peakKb, Number(/^VmHWM:\s*(\d+)/m.exec(status)?.[1] ?? 0));
    } catch {
      // It has ended.
    }
  }, 10);
  const result = await program.result;
  clearInterval(timer);
  return { ...result, peakMb: peakKb / 1024 };
}

/** A short run takes about 50. */
const boundMb = 250;

describe("memory stays bounded with", () => {
  test("50 MB of COPY data", async () => {
    const data = Array.from({ length: 500_000 }, (_, i) => `${i}\t${"v".repeat(95)}\n`).join("");
    await using t = await trial(await server(17), {
      "1_a.sql": pair(`${table}copy a from stdin;\n${data}\\.\nselect count(*) from a;`),
    });
    const up = await watched(t, ["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(up.peakMb).toBeLessThan(boundMb);
    const [row] = await t.query("select count(*)::int as n, sum(i)::text as sum from a");
    expect(row).toMatchObject({ n: 500_000, sum: "124999750000" });
  });

  test("30 MB of INSERTs", async () => {
    const rows = Array.from(
      { length: 60_000 },
      (_, i) => `insert into a values (${i}, '${"ü".repeat(230)}');\n`,
    );
    await using t = await trial(await server(17), {
      "1_a.sql": pair(`${table}${rows.join("")}`),
    });
    const up = await watched(t, ["up"]);
    expect(up.stderr).not.toContain("Error");
    expect(up.status).toBe(0);
    expect(up.peakMb).toBeLessThan(boundMb);
    const [row] = await t.query("select count(*)::int as n, sum(i)::text as sum from a");
    expect(row).toMatchObject({ n: 60_000, sum: "1799970000" });
  });

  test("a SELECT of half a gigabyte", async () => {
    await using t = await trial(await server(17), {
      "1_a.sql": pair("select i, repeat('x', 1000) from generate_series(1, 500000) i;"),
    });
    const up = await watched(t, ["up", "-v"]);
    expect(up.stdout).toContain("Rows affected: 500000\n");
    expect(up.peakMb).toBeLessThan(boundMb);
  });
});
