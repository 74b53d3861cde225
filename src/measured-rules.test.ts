/** Runs each rule's cases on real servers, and holds the rule to what was seen there. */

import { afterAll, beforeAll, expect, test } from "bun:test";
import { loadModule, parseSync } from "libpg-query";
import { judgeStatement } from "./core/review/judge-statement.ts";
import type { RuleCase, StatementJudgement, StatementRule } from "./core/review/rule.ts";
import { statementRules } from "./core/review/rules.ts";
import { SchemaModel } from "./core/review/schema-model.ts";
import { type LiveSchema, readSchemaFacts } from "./pg/catalog.ts";
import { effectsBetween, takeSnapshot } from "./pg/measure.ts";
import type { Session } from "./pg/session.ts";
import { effectsAlone } from "./testing/measured-alone.ts";
import { differences, ofTables } from "./testing/measured-claims.ts";
import {
  closeSharedStages, dropSharedStages, onCopy, searchPath, sent, sharedStage, type Stage,
} from "./testing/measured-server.ts";
import { type ServerVersion, serverVersions } from "./testing/servers.ts";

beforeAll(loadModule);
afterAll(closeSharedStages);

const cases = statementRules.flatMap((rule) =>
  rule.cases.map((one) => [`${rule.id}: ${shown(one)}`, rule, one] as const),
);

function shown({ before, sql }: RuleCase): string {
  return (before === undefined ? sql : `${before}; ${sql}`).replaceAll(/\s+/g, " ");
}

/** How many more cases want the same before them; filters may leave some of them out. */
const wanted = new Map<string, number>();
for (const [, , { before, alone }] of cases) {
  if (before === undefined || alone === true) continue;
  wanted.set(before, (wanted.get(before) ?? 0) + 1);
}

test.each(cases)("%s", async (_title, rule, one) => {
  const versions = serverVersions.filter((version) => version >= (one.from ?? 15));
  const found = await Promise.all(versions.map(async (version) =>
    (await differencesOn(version, rule, one)).map((line) => `on ${version}: ${line}`),
  ));
  await leave(one);
  expect(found.flat()).toEqual([]);
}, 120_000);

async function leave({ before, alone }: RuleCase): Promise<void> {
  if (before === undefined || alone === true) return;
  const left = (wanted.get(before) ?? 1) - 1;
  wanted.set(before, left);
  if (left === 0) await dropSharedStages(before);
}

async function differencesOn(
  version: ServerVersion,
  rule: StatementRule,
  one: RuleCase,
): Promise<readonly string[]> {
  if (one.alone === true) {
    return onCopy(version, one.before, (stage) => measuredAlone(version, stage, { rule, one }));
  }
  // What comes before is committed, or its locks would be held while the case is measured.
  return measuredWithin(await sharedStage(version, one.before), { rule, one });
}

interface Claim {
  readonly rule: StatementRule;
  readonly one: RuleCase;
}

/** What differs from the rule's claims; nothing where all is as it says. */
async function measuredWithin(stage: Stage, claim: Claim): Promise<readonly string[]> {
  const { session } = stage;
  const { sql, timeZone, fails } = claim.one;
  await sent(session, `begin; set local timezone = '${timeZone ?? "UTC"}'`);
  try {
    const facts =
      timeZone === undefined ? stage.facts : await readSchemaFacts(session, searchPath);
    const judgement = judged(facts, claim.one);
    const wrong = wrongClasses(judgement, claim);
    if (fails === true) return [...wrong, ...(await unfailed(session, sql))];
    const before = await takeSnapshot(session);
    await sent(session, sql);
    const seen = effectsBetween(before, await takeSnapshot(session));
    return [...wrong, ...differences(judgement, seen, facts)];
  } finally {
    await sent(session, "rollback");
  }
}

async function measuredAlone(
  version: ServerVersion,
  stage: Stage,
  claim: Claim,
): Promise<readonly string[]> {
  const { sql, fails } = claim.one;
  const judgement = judged(stage.facts, claim.one);
  const wrong = wrongClasses(judgement, claim);
  if (fails === true) return [...wrong, ...(await unfailed(stage.session, sql))];
  const seen = await effectsAlone(version, stage, sql);
  return [...wrong, ...differences(ofTables(judgement, stage.facts), seen, stage.facts)];
}

function judged(facts: LiveSchema, { sql }: RuleCase): StatementJudgement {
  const [tree] = (parseSync(sql).stmts ?? []).flatMap(({ stmt }) => stmt ?? []);
  return judgeStatement({ tree }, {
    rules: statementRules,
    known: {
      schema: new SchemaModel(facts),
      serverMajor: facts.serverMajor,
      timeZone: facts.timeZone,
      source: "database",
    },
    smallBytes: 0,
  });
}

/** Of this rule only: others may speak too. */
function wrongClasses({ judgements }: StatementJudgement, { rule, one }: Claim): readonly string[] {
  const said = judgements.filter((each) => each.rule === rule).flatMap(({ classes }) => classes);
  const wanted = one.gives === "silent" ? [] : one.gives;
  const isSame = JSON.stringify(said) === JSON.stringify(wanted);
  return isSame ? [] : [`the rule says [${said.join(", ")}], the case [${wanted.join(", ")}]`];
}

async function unfailed(session: Session, sql: string): Promise<readonly string[]> {
  return (await session.send(sql)).kind === "failed" ? [] : ["the statement does not fail"];
}
