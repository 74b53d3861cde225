/** Asks every rule about one statement, and makes one word of what they say. */

import { type Action, actionsOf } from "./action.ts";
import {
  type Effects, type Judgement, type Known, lockRank, type RelationLock, type RiskClass,
  type RuledJudgement, type StatementJudgement, type StatementRule,
} from "./rule.ts";
import type { SchemaModel } from "./schema-model.ts";
import type { SourceStatement } from "./source.ts";

export interface JudgeOptions {
  readonly rules: readonly StatementRule[];
  readonly known: Known;
  /** A table of at most so many bytes is read or written in no time that counts. */
  readonly smallBytes: number;
}

/** What is read or written faster than a lock is waited for. */
export const smallTableBytes = 1024 * 1024;

/** Nothing for a statement that could not be parsed: other rules see to that. */
export function judgeStatement(
  { tree }: Pick<SourceStatement, "tree">,
  options: JudgeOptions,
): StatementJudgement {
  const judgements: RuledJudgement[] = [];
  const effects = new EffectsSum(options.known.schema);
  const actions = tree === undefined ? [] : actionsOf(tree);
  const judged = new Set<Action>();
  for (const rule of options.rules) {
    for (const action of actions) {
      if (rule.asked === "last" && judged.has(action)) continue;
      const judgement = rule.judge(action, options.known);
      if (judgement === undefined) continue;
      if (judgement.classes.some((one) => one !== "advice")) judged.add(action);
      effects.add(judgement);
      judgements.push(ruled(rule, judgement, options));
    }
  }
  return { judgements, ...effects.total() };
}

function ruled(
  rule: StatementRule,
  judgement: Judgement,
  { known, smallBytes }: JudgeOptions,
): RuledJudgement {
  const { subjects, growsWith = [], reason, classes } = judgement;
  const { schema } = known;
  const base = {
    rule, instead: judgement.instead, loses: judgement.loses, location: judgement.location ?? 0,
    isSoftened: false,
  };
  const isNew = (name: string): boolean =>
    schema.relation(schema.index(name)?.table ?? name).isNew;
  const isKept = (one: RiskClass): boolean => one === "advice" || one === "error";
  if (subjects.length > 0 && subjects.every(isNew) && touched(judgement).every(isNew)) {
    const kept = classes.filter(isKept);
    const isMild = kept.length > 0 || classes.every((one) => one === "safe");
    return {
      ...base,
      classes: kept.length > 0 ? kept : ["safe"],
      reason: isMild ? reason : `${reason}: nobody uses it yet`,
      instead: isMild ? base.instead : undefined,
      loses: undefined,
    };
  }
  const isSmall = (name: string): boolean => {
    const { isNew, bytes } = schema.relation(name);
    return isNew || (bytes !== undefined && bytes <= smallBytes);
  };
  if (growsWith.length > 0 && classes.includes("risky") && growsWith.every(isSmall)) {
    const rest = classes.filter((one) => one !== "risky");
    const sizes = growsWith.map((name) => sizeText(schema, name)).join(", ");
    return {
      ...base,
      classes: rest.length > 0 ? rest : ["safe"],
      reason: `${reason}, which is short: ${sizes}`,
      isSoftened: true,
    };
  }
  return { ...base, classes, reason };
}

/** What is new may hang on what is not: a partition that is attached, a view's table. */
function touched({ locks = [], rewrites = [], scans = [] }: Judgement): readonly string[] {
  return [...locks.map(({ relation }) => relation), ...rewrites, ...scans];
}

function sizeText(schema: SchemaModel, name: string): string {
  const { bytes, isNew } = schema.relation(name);
  if (isNew || bytes === undefined) return `${name} is new`;
  return `${name} holds ${Math.ceil(bytes / 1024)} kB`;
}

/** Effects on what is made in the same batch are nobody's concern, and are left out. */
class EffectsSum {
  readonly #schema: SchemaModel;
  readonly #locks = new Map<string, RelationLock>();
  readonly #rewrites = new Set<string>();
  readonly #scans = new Set<string>();

  constructor(schema: SchemaModel) {
    this.#schema = schema;
  }

  add({ locks = [], rewrites = [], scans = [] }: Judgement): void {
    for (const lock of locks) {
      const known = this.#locks.get(lock.relation);
      const isStronger = known === undefined || lockRank(lock.mode) > lockRank(known.mode);
      if (isStronger && this.#isOld(lock.relation)) this.#locks.set(lock.relation, lock);
    }
    for (const name of rewrites) if (this.#isOld(name)) this.#rewrites.add(name);
    for (const name of scans) if (this.#isOld(name)) this.#scans.add(name);
  }

  total(): Effects {
    return {
      locks: [...this.#locks.values()],
      rewrites: [...this.#rewrites],
      scans: [...this.#scans],
    };
  }

  /** The system's own tables are locked and let go all the time. */
  #isOld(name: string): boolean {
    if (name.startsWith("pg_catalog.")) return false;
    const index = this.#schema.index(name);
    return !this.#schema.relation(index?.table ?? name).isNew;
  }
}
