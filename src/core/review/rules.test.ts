/** Runs each rule's own cases on a reading of the files alone. */

import { beforeAll, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { loadModule, type Node, parseSync } from "libpg-query";
import { judgeStatement } from "./judge-statement.ts";
import type { Known, RuleCase, StatementJudgement, StatementRule } from "./rule.ts";
import { statementRules } from "./rules.ts";
import { noFacts } from "./schema-facts.ts";
import { foldStatement } from "./schema-fold.ts";
import { SchemaModel } from "./schema-model.ts";

let fixture: readonly Node[] = [];

beforeAll(async () => {
  await loadModule();
  const text = await Bun.file(join(import.meta.dir, "../../testing/measured-schema.sql")).text();
  fixture = treesOf(text);
});

function treesOf(sql: string): readonly Node[] {
  return (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
}

function knownBefore(one: RuleCase): Known {
  const schema = new SchemaModel({ ...noFacts, searchPath: ["app", "public"] });
  for (const tree of [...fixture, ...(one.before === undefined ? [] : treesOf(one.before))]) {
    foldStatement(schema, tree, "before");
  }
  return { schema, serverMajor: undefined, timeZone: undefined, source: "files" };
}

/** By case: to read the fixture once more for each takes most of the time. */
const results = new Map<RuleCase, StatementJudgement>();

function judged(rule: StatementRule, one: RuleCase): StatementJudgement {
  const result = results.get(one) ?? judgedAnew(rule, one);
  results.set(one, result);
  return result;
}

function judgedAnew(rule: StatementRule, one: RuleCase): StatementJudgement {
  const known = knownBefore(one);
  const [tree] = treesOf(one.sql);
  const rules = rule.asked === "last" ? statementRules : [rule];
  const judgement = judgeStatement({ tree }, { rules, known, smallBytes: 0 });
  const own = judgement.judgements.filter((told) => told.rule === rule);
  return { ...judgement, judgements: own };
}

const cases = statementRules.flatMap((rule) =>
  rule.cases.map((one) => [`${rule.id}: ${one.sql.replaceAll(/\s+/g, " ")}`, rule, one] as const),
);

test.each(cases)("%s", (_title, rule, one) => {
  const { judgements } = judged(rule, one);
  const expected = one.givesFromFiles ?? one.gives;
  const found = judgements.flatMap(({ classes }) => classes);
  expect(found).toEqual(expected === "silent" ? [] : [...expected]);
});

describe("the list", () => {
  test("no two rules share an id", () => {
    const ids = statementRules.map(({ id }) => id);
    expect(ids).toEqual([...new Set(ids)]);
  });

  test("each has cases, and a page without a gap", () => {
    const lacking = statementRules.filter(({ cases: own, page }) =>
      own.length === 0 || Object.values(page).some((text) => text.trim() === ""),
    );
    expect(lacking.map(({ id }) => id)).toEqual([]);
  });

  test("messages begin in lower case and end without a full stop", () => {
    const wrong = cases.flatMap(([, rule, one]) =>
      judged(rule, one).judgements.flatMap(({ reason, instead }) =>
        [reason, instead ?? "x"].filter((text) => text.endsWith(".") || text === ""),
      ),
    );
    expect(wrong).toEqual([]);
  });

  test.each(statementRules.map((rule) => [rule.id, rule] as const))("%s lies in its file", async (
    id,
  ) => {
    const path = join(import.meta.dir, `../lint/${id}.ts`);
    expect(await Bun.file(path).exists()).toBe(true);
  });
});
