/** `narrow-key`: keys of 32 bits run out, and are changed by writing the table again. */

import type { Node } from "libpg-query";
import { columnType } from "../review/action.ts";
import { columnAdvice, declaredColumns } from "../review/declared-column.ts";
import type { StatementRule } from "../review/rule.ts";

const narrow: readonly string[] = ["int2", "int4", "serial", "serial2", "serial4", "smallserial"];

export const narrowKey: StatementRule = {
  id: "narrow-key",
  scope: "statement",
  title: "integer keys end at 2,147,483,647",
  page: {
    locks: "None of its own.",
    why:
      "When the numbers run out, each insert fails. Failed inserts, rolled back transactions and " +
      "upserts use them up as well. To change the column to bigint later writes the whole table " +
      "under a lock that stops everybody, and so for each foreign key to it.",
    instead: "id bigint generated always as identity primary key",
    since: "all versions",
  },
  judge: (action, known) => {
    const sequence = action.kind === "statement" ? narrowSequence(action.tree) : undefined;
    if (sequence !== undefined) {
      return {
        classes: ["advice"],
        reason: `a sequence of type ${sequence} runs out of numbers early`,
        instead: "create sequence … as bigint, which is the default",
        subjects: [],
      };
    }
    const found = declaredColumns(action, known).filter(({ type, serial, identity, isKey }) =>
      narrow.includes(type.name) && (serial || identity || isKey),
    );
    return columnAdvice(found, (columns) => ({
      reason:
        `${columns} ${found.length === 1 ? "numbers" : "number"} rows with 32 bits or less, ` +
        "which run out",
      instead: "bigint",
    }));
  },
  cases: [
    { sql: "create table app.notes (id serial primary key)", gives: ["advice"] },
    { sql: "create table app.notes (id integer, primary key (id))", gives: ["advice"] },
    {
      sql: "create table app.notes (id integer generated always as identity, body text)",
      gives: ["advice"],
    },
    { sql: "alter table app.archive add column key serial", gives: ["advice"] },
    { sql: "create sequence app.numbers as smallint", gives: ["advice"] },
    { sql: "create table app.notes (id bigint primary key, rank integer)", gives: "silent" },
    { sql: "create table app.notes (a integer, b bigint, primary key (a, b))", gives: "silent" },
    { sql: "create sequence app.numbers", gives: "silent" },
  ],
};

function narrowSequence(tree: Node): string | undefined {
  if (!("CreateSeqStmt" in tree)) return undefined;
  const types = (tree.CreateSeqStmt.options ?? []).flatMap((node) =>
    "DefElem" in node && node.DefElem.defname === "as" && node.DefElem.arg !== undefined &&
      "TypeName" in node.DefElem.arg ? columnType(node.DefElem.arg.TypeName).name : [],
  );
  return types.find((type) => narrow.includes(type));
}
