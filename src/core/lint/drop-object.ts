/** `drop-object`: what depends on a schema, type, sequence or the like fails without it. */

import type { DropStmt, ObjectType } from "libpg-query";
import { rangeOfNames } from "../review/action.ts";
import { objectName, objectParts, objectWord } from "../review/object-name.ts";
import type { Judgement, Known, StatementRule } from "../review/rule.ts";
import { bodyOf, statementKind } from "../review/statement-node.ts";

const kinds: readonly ObjectType[] = [
  "OBJECT_ACCESS_METHOD", "OBJECT_CAST", "OBJECT_COLLATION", "OBJECT_CONVERSION", "OBJECT_DOMAIN",
  "OBJECT_FDW", "OBJECT_FOREIGN_SERVER", "OBJECT_LANGUAGE", "OBJECT_OPCLASS", "OBJECT_OPERATOR",
  "OBJECT_OPFAMILY", "OBJECT_SCHEMA", "OBJECT_SEQUENCE", "OBJECT_TRANSFORM",
  "OBJECT_TSCONFIGURATION", "OBJECT_TSDICTIONARY", "OBJECT_TSPARSER", "OBJECT_TSTEMPLATE",
  "OBJECT_TYPE",
];

export const dropObject: StatementRule = {
  id: "drop-object",
  scope: "statement",
  title: "DROP SCHEMA, TYPE, DOMAIN, SEQUENCE and the like: code that uses it fails",
  page: {
    locks:
      "Of a sequence ACCESS EXCLUSIVE on it; else none, as long as CASCADE is left out, see " +
      "drop-cascade. Of statistics SHARE UPDATE EXCLUSIVE on their table, which is not known.",
    why:
      "Postgres refuses while tables, views or defaults need it. Of queries in code it knows " +
      "nothing: those fail at once. A sequence's count is lost. A role or user mapping that goes " +
      "cannot log in, there or anywhere.",
    instead: "Drop it in a later release, when no code uses it any more.",
    since: "all versions",
  },
  judge: (action, known) => {
    const drop = bodyOf(action, "DropStmt");
    const kind = statementKind(action);
    if (kind === "DropRoleStmt" || kind === "DropUserMappingStmt") {
      return {
        classes: ["breaking"],
        reason: "whoever logs in as it cannot any more",
        instead: "take its right to log in first: alter role … nologin, which goes back",
        subjects: [],
      };
    }
    const type = drop?.removeType;
    if (type === "OBJECT_STATISTIC_EXT") {
      return {
        classes: ["safe"],
        reason: "the planner does without the statistics; their table goes on being used",
        subjects: [],
      };
    }
    return drop === undefined || type === undefined || !kinds.includes(type)
      ? undefined
      : dropped(drop, type, known);
  },
  cases: [
    { sql: "drop sequence app.ticket_numbers", gives: ["breaking"] },
    { sql: "drop domain app.label", gives: ["breaking"] },
    { sql: "drop type app.order_status", gives: ["breaking"], fails: true },
    { sql: "drop schema depot", gives: ["breaking"], fails: true },
    { sql: "drop text search configuration depot.words", gives: ["breaking"] },
    { sql: "drop operator family depot.numbers using btree", gives: ["breaking"] },
    { sql: "drop server depot_far", gives: ["breaking"], fails: true },
    { sql: "drop role current_user", gives: ["breaking"], fails: true },
    { sql: "drop domain if exists app.nothing", gives: ["safe"], givesFromFiles: ["breaking"] },
    { sql: "drop table app.archive", gives: "silent" },
  ],
};

function dropped(drop: DropStmt, type: ObjectType, known: Known): Judgement {
  const { schema, source } = known;
  const ranges = (drop.objects ?? []).map((node) => schema.nameOf(rangeOfNames(objectParts(node))));
  const word = objectWord(type);
  const list = (drop.objects ?? []).map(objectName).join(", ");
  const isDomain = type === "OBJECT_DOMAIN";
  const isGone = isDomain && source === "database" && drop.missing_ok === true &&
    ranges.every((name) => schema.domain(name) === undefined);
  const isNew = isDomain && ranges.every((name) => schema.domain(name)?.isNew === true);
  if (isGone || isNew) {
    const why = isGone ? "is not there" : "is made in this batch, and used by nobody yet";
    return { classes: ["safe"], reason: `the ${word} ${list} ${why}`, subjects: [] };
  }
  const sequences = type === "OBJECT_SEQUENCE"
    ? ranges.filter((name) => source === "files" || schema.isKnown(name))
    : [];
  return {
    classes: ["breaking"],
    reason: `code that uses the ${word} ${list} fails`,
    instead: "drop it in a later release, when no code uses it any more",
    subjects: sequences,
    ...(sequences.length === 0 ? {} : { loses: `how far ${list} has counted` }),
    locks: sequences.map((relation) => ({ relation, mode: "ACCESS EXCLUSIVE" })),
  };
}
