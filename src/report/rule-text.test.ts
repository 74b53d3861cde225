/** The list of rules, and the page of one. */

import { describe, expect, test } from "bun:test";
import { allRules } from "../core/review/rules.ts";
import type { Rule, StatementRule } from "../core/review/rule.ts";
import { ruleListText, rulePageText } from "./rule-text.ts";

const rule: StatementRule = {
  id: "drop-thing",
  scope: "statement",
  title: "DROP THING breaks the code that uses it",
  page: {
    locks: "ACCESS EXCLUSIVE on the thing",
    why: "code fails",
    instead: "in two files:\nalter thing t rename to gone;\ndrop thing gone;",
    since: "all versions",
  },
  judge: () => undefined,
  cases: [
    { sql: "drop thing t", gives: ["breaking"], before: "create thing t" },
    { sql: "drop thing u;", gives: ["safe"], from: 17 },
    { sql: "drop other", gives: "silent" },
  ],
};
const folderRule: Rule = {
  id: "gap", scope: "folder", title: "a gap", page: rule.page, judge: () => [],
  cases: [{ files: { "1_a.sql": "-- migrate:up\nselect 1;\n" }, gives: ["advice"] }],
};

test("the list has a line for each rule, by what they look at", () => {
  expect(ruleListText([folderRule, rule], "plain")).toBe([
    "Rules that look at one statement",
    "",
    "  drop-thing  breaking  DROP THING breaks the code that uses it",
    "",
    "Rules that look at the folder",
    "",
    "  gap         advice    a gap",
    "",
    "`pgmate lint --explain RULE` shows the page of one",
    "",
  ].join("\n"));
});

test("a page says all that the rule has to say, with examples", () => {
  expect(rulePageText(rule, "plain")).toBe([
    "drop-thing",
    "DROP THING breaks the code that uses it",
    "",
    "locks     ACCESS EXCLUSIVE on the thing",
    "",
    "why       code fails",
    "",
    "instead   in two files:",
    "          alter thing t rename to gone;",
    "          drop thing gone;",
    "",
    "since     all versions",
    "",
    "ignore    -- pgmate:ignore drop-thing REASON, right above the statement",
    "",
    "Examples",
    "",
    "  -- breaking",
    "  create thing t;",
    "  drop thing t;",
    "",
    "  -- safe; PostgreSQL 17 or later",
    "  drop thing u;",
    "",
    "  -- nothing is said",
    "  drop other;",
    "",
  ].join("\n"));
});

test("the examples of a rule for files are files", () => {
  expect(rulePageText(folderRule, "plain")).toContain(
    "  -- advice\n  -- 1_a.sql\n  -- migrate:up\n  select 1;\n",
  );
});

describe("all rules that there are", () => {
  test("are in the list", () => {
    const ids = ruleListText(allRules, "plain").match(/^ {2}[a-z][a-z0-9-]+(?= )/gm);
    expect((ids ?? []).map((id) => id.trim()).toSorted()).toEqual(
      allRules.map(({ id }) => id).toSorted(),
    );
  });

  test("fit a terminal", () => {
    const lists = ruleListText(allRules, "plain").split("\n");
    expect(lists.filter((line) => Bun.stringWidth(line) > 100)).toEqual([]);
    // A literal in an example is not cut.
    const pages = allRules.map((one) => rulePageText(one, "plain").split("\nExamples\n")[0] ?? "");
    const lines = pages.flatMap((page) => page.split("\n"));
    expect(lines.filter((line) => Bun.stringWidth(line) > 100)).toEqual([]);
  });
});
