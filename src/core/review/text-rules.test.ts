/** Runs the cases of the rules that look at sections, files and folders, and the whole review. */

import { beforeAll, describe, expect, test } from "bun:test";
import { allRules, statementRules } from "./rules.ts";
import { loadReview, reviewed } from "../../testing/reviewed.ts";
import { allFindings } from "./review.ts";

beforeAll(loadReview);

const cases = allRules.flatMap((rule) =>
  rule.scope === "statement" || rule.scope === "rehearsal" ? [] : rule.cases.map((one, index) => {
    return [`${rule.id}: case ${index + 1}`, rule, one] as const;
  }),
);

test.each(cases)("%s", (_title, rule, one) => {
  const findings = allFindings(reviewed(one.files));
  const found = findings.filter((finding) => finding.rule === rule.id);
  expect(found.flatMap(({ classes }) => classes)).toEqual([...one.gives]);
});

test("no two rules share an id", () => {
  const ids = allRules.map(({ id }) => id);
  expect(ids).toEqual([...new Set(ids)]);
  expect(statementRules.length).toBeGreaterThan(0);
});

describe("ignoring", () => {
  const risky = "alter table t alter column a set not null;";
  const file = (comment: string): string =>
    `-- migrate:up\n${comment}\n${risky}\n-- migrate:down\nselect 1;\n`;

  test("a reason dismisses the finding, and the verdict with it", () => {
    const review = reviewed({ "1_a.sql": file("-- pgmate:ignore set-not-null it is small") });
    expect(review.verdict).toBe("safe");
    const found = allFindings(review).find(({ rule }) => rule === "set-not-null");
    expect(found?.dismissed).toEqual({ kind: "ignored", reason: "it is small" });
  });

  test("without a reason it dismisses nothing", () => {
    const review = reviewed({ "1_a.sql": file("-- pgmate:ignore set-not-null") });
    expect(review.verdict).toBe("risky");
  });

  test("it is about the statement right below only", () => {
    const review = reviewed({
      "1_a.sql":
        `-- migrate:up\n-- pgmate:ignore set-not-null small\nselect 1;\n${risky}\n` +
        "-- migrate:down\nselect 1;\n",
    });
    expect(review.verdict).toBe("risky");
  });

  test("what stands in a string is no comment", () => {
    const review = reviewed({
      "1_a.sql": file("select '\n-- pgmate:ignore set-not-null small\n';"),
    });
    expect(review.verdict).toBe("risky");
    expect(allFindings(review).map(({ rule }) => rule)).not.toContain("unused-ignore");
  });

  test("an allowed rule is dismissed everywhere", () => {
    const review = reviewed({ "1_a.sql": file("") }, { allowed: ["set-not-null"] });
    expect(review.verdict).toBe("safe");
  });
});

test("a place is that of the line and the byte in the file", () => {
  const text = "-- ä\n-- migrate:up\n\nselect 'é';\n  alter table t\n    alter a set not null;\n" +
    "-- migrate:down\nselect 1;\n";
  const review = reviewed({ "1_a.sql": text });
  const found = allFindings(review).find(({ rule }) => rule === "set-not-null");
  const offset = new TextEncoder().encode(text.slice(0, text.indexOf("alter table"))).length;
  expect(found?.place).toEqual({ path: "1_a.sql", offset, line: 5 });
});

test("what one file makes is new to that file only, unless they go together", () => {
  const files = {
    "1_a.sql": "-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n",
    "2_b.sql":
      "-- migrate:up\nalter table t alter a set not null;\n-- migrate:down\nselect 1;\n",
  };
  expect(reviewed(files).verdict).toBe("risky");
  expect(reviewed(files, { batch: "all" }).verdict).toBe("safe");
});

describe("settings of the file", () => {
  test("a search path says which table is meant, up to the end of the file", () => {
    const files = {
      "1_a.sql":
        "-- migrate:up\nset search_path = app;\ncreate table t (a int);\n-- migrate:down\n",
      "2_b.sql": "-- migrate:up\nalter table app.t add column b int;\n-- migrate:down\n",
      "3_c.sql": "-- migrate:up\nalter table t add column b int;\n-- migrate:down\n",
    };
    const review = reviewed(files, { batch: "all" });
    const locks = review.files.map(({ statements }) => statements.at(-1)?.locks);
    expect(locks).toEqual([[], [], [{ relation: "public.t", mode: "ACCESS EXCLUSIVE" }]]);
  });

  test.each([
    ["", "risky"],
    ["set local timezone = 'UTC';", "safe"],
    ["set time zone 'UTC';\nreset timezone;", "risky"],
    ["set timezone to 'UTC';\nset time zone 'Europe/Berlin';", "risky"],
  ])("with %j a change to timestamptz is %s", (zone, verdict) => {
    const files = {
      "1_a.sql": "-- migrate:up\ncreate table t (c timestamp);\n-- migrate:down\n",
      "2_b.sql":
        `-- migrate:up\n${zone}\nalter table t alter column c type timestamptz;\n` +
        "-- migrate:down\n",
    };
    expect(reviewed(files).files[1]?.verdict).toBe(verdict as "risky" | "safe");
  });
});

describe("what must not look harmless", () => {
  const up = (sql: string): string => `-- migrate:up\n${sql}\n-- migrate:down\nselect 1;\n`;
  const verdictOf = (...texts: readonly string[]): string => {
    const files = Object.fromEntries(texts.map((text, index) => [`${index + 1}_a.sql`, up(text)]));
    return reviewed(files, { batch: "all" }).files.at(-1)?.verdict ?? "";
  };

  test("a temporary table does not make the real one new, in its file and behind it", () => {
    const temporary = "create temp table t (a int);";
    expect(verdictOf(`${temporary}\nalter table public.t alter column a set not null;`))
      .toBe("risky");
    expect(verdictOf(temporary, "alter table t alter column a set not null;")).toBe("risky");
    expect(verdictOf(`${temporary}\nalter table t alter column a set not null;`)).toBe("safe");
  });

  test("what is new takes with it what is not", () => {
    const attached = "create table n (a int) partition by list (a);\n" +
      "alter table n attach partition old default;";
    expect(verdictOf(`${attached}\ndrop table n;`)).toBe("breaking");
    expect(verdictOf(`${attached}\nalter table n add column z int default random();`))
      .toBe("risky");
  });

  test("a function may be called by any statement, and have any name", () => {
    const made = "create function pg_own() returns int language plpgsql volatile as ''; ";
    for (const call of [
      "select pg_own();", "explain analyze select pg_own();", "insert into t select pg_own();",
      "create table n as select pg_own();", "declare c cursor for select pg_own();",
    ]) {
      expect([call, verdictOf(`${made}\n${call}`)]).toEqual([call, "risky"]);
    }
  });

  test("what files say may go round in a circle", () => {
    for (const sql of [
      "create table public.a partition of public.a default; truncate public.a;",
      "create table a (i int) partition by range (i);\n" +
        "create table b partition of a default partition by range (i);\n" +
        "alter table b attach partition a default; drop table a;",
      "create view public.v as select * from public.v; lock public.v; drop view public.v cascade;",
    ]) {
      expect(["safe", "risky", "breaking"]).toContain(verdictOf(sql));
    }
  });

  test("an ignore in a block comment, or with a reason that says nothing, is none", () => {
    const drop = "alter table t alter column a set not null;";
    expect(verdictOf(`/*\n-- pgmate:ignore set-not-null it is small\n*/\n${drop}`)).toBe("risky");
    expect(verdictOf(`-- pgmate:ignore set-not-null --\n${drop}`)).toBe("risky");
    expect(verdictOf(`-- pgmate:ignore set-not-null \u00a0\n${drop}`)).toBe("risky");
    expect(verdictOf(`-- pgmate:ignore drop-column,set-not-null small\n${drop}`)).toBe("safe");
  });

  test("the rules that watch the comments cannot be silenced by one", () => {
    const text = "-- pgmate:ignore unused-ignore x\n-- migrate:up\n" +
      "-- pgmate:ignore drop-table y\nselect 1;\n-- migrate:down\nselect 1;\n";
    const found = allFindings(reviewed({ "1_a.sql": text }, { allowed: ["unused-ignore"] }));
    const [unused] = found.filter(({ rule }) => rule === "unused-ignore");
    expect(unused?.dismissed).toBeUndefined();
  });

  test("a declared type may be followed by why", () => {
    for (const said of ["-- Type: SAFE (really)", "-- Type: SAFE.", "-- Type:safe, I think"]) {
      const text = `${said}\n${up("alter table t drop column c;")}`;
      const rules = allFindings(reviewed({ "1_a.sql": text })).map(({ rule }) => rule);
      expect([said, rules.includes("declared-type")]).toEqual([said, true]);
    }
  });

  test("set_config with literals is a SET", () => {
    const set = "select pg_catalog.set_config('search_path', 'app', false);";
    const files = { "1_a.sql": up(`${set}\nalter table t add column b int;`) };
    expect(reviewed(files).files[0]?.statements.at(-1)?.locks).toEqual([
      { relation: "app.t", mode: "ACCESS EXCLUSIVE" },
    ]);
  });
});
