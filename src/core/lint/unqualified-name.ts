/** `unqualified-name`: which table is meant depends on the search path of whoever runs it. */

import type { Node } from "libpg-query";
import { names } from "../review/action.ts";
import { sectionsInOrder } from "../review/file-sections.ts";
import { relationName } from "../review/relation-name.ts";
import type { FileRule } from "../review/rule.ts";

export const unqualifiedName: FileRule = {
  id: "unqualified-name",
  scope: "file",
  title: "names without a schema depend on the search path",
  page: {
    locks: "None.",
    why:
      "Another role, database or pooler may have another search path: the file then makes its " +
      "tables in another schema, or alters another table of the same name.",
    instead:
      "create table app.orders (…), or one set search_path = app; at the top of the section. " +
      "Who has but one schema may allow the rule: allow = [\"unqualified-name\"] in pgmate.toml.",
    since: "all versions",
  },
  judge: ({ source, direction }) => {
    const sections = sectionsInOrder(source, direction);
    const statements = sections.flatMap((section) => section.statements);
    if (statements.some(({ tree }) => tree !== undefined && setsSearchPath(tree))) return [];
    const found = statements.flatMap(({ tree, offset, line }) =>
      (tree === undefined ? [] : unqualified(tree)).map((name) => ({ name, offset, line })),
    );
    const [first] = found;
    if (first === undefined) return [];
    const all = [...new Set(found.map(({ name }) => name))];
    const more = all.length > 3 ? ` and ${all.length - 3} more` : "";
    const { offset, line } = first;
    return [{
      classes: ["advice"],
      reason: `${all.slice(0, 3).join(", ")}${more} without a schema: the search path decides`,
      instead: `write the schema: ${relationName("public", first.name)}, if it is public`,
      place: { offset, line },
    }];
  },
  cases: [
    {
      files: {
        "1_a.sql": "-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n",
      },
      gives: ["advice"],
    },
    {
      files: {
        "1_a.sql": "-- migrate:up\ncreate table s.t (a int);\n-- migrate:down\ndrop table s.t;\n",
      },
      gives: [],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nset search_path = s;\ncreate table t (a int);\n" +
          "-- migrate:down\nset search_path = s;\ndrop table t;\n",
      },
      gives: [],
    },
  ],
};

function setsSearchPath(tree: Node): boolean {
  return "VariableSetStmt" in tree && tree.VariableSetStmt.name === "search_path";
}

/** Of the object that the statement is about. An index has its table's schema always. */
function unqualified(tree: Node): readonly string[] {
  const range =
    "CreateStmt" in tree ? tree.CreateStmt.relation
    : "AlterTableStmt" in tree && tree.AlterTableStmt.objtype === "OBJECT_TABLE"
      ? tree.AlterTableStmt.relation
    : "IndexStmt" in tree ? tree.IndexStmt.relation
    : "ViewStmt" in tree ? tree.ViewStmt.view
    : "CreateSeqStmt" in tree ? tree.CreateSeqStmt.sequence
    : "RenameStmt" in tree && tree.RenameStmt.renameType === "OBJECT_TABLE"
      ? tree.RenameStmt.relation
    : undefined;
  if (range !== undefined) {
    // A temporary table has a schema that nobody can write.
    const isPlain = range.schemaname === undefined && range.relpersistence !== "t";
    return isPlain ? [range.relname ?? ""] : [];
  }
  if (!("DropStmt" in tree) || tree.DropStmt.removeType !== "OBJECT_TABLE") return [];
  return (tree.DropStmt.objects ?? []).flatMap((object) => {
    const parts = "List" in object ? names(object.List.items) : [];
    return parts.length === 1 ? parts : [];
  });
}
