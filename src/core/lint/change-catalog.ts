/** `change-catalog`: writing to the system catalogs goes past everything that keeps them whole. */

import type { RangeVar } from "libpg-query";
import type { StatementRule } from "../review/rule.ts";

export const changeCatalog: StatementRule = {
  id: "change-catalog",
  scope: "statement",
  title: "INSERT, UPDATE or DELETE on a system catalog",
  page: {
    locks: "Row locks in the catalog; on the objects that are meant none.",
    why:
      "No lock keeps others from what is changed, no dependency is checked, no cache is told. A " +
      "wrong row can make the database unusable, and no backup of a schema shows why.",
    instead: "The command that does it: ALTER TABLE … RENAME, ALTER TYPE …, DROP …",
    since: "all versions; superusers only",
  },
  judge: (action) => {
    if (action.kind !== "statement") return undefined;
    const { tree } = action;
    const changed =
      "UpdateStmt" in tree ? tree.UpdateStmt.relation
      : "DeleteStmt" in tree ? tree.DeleteStmt.relation
      : "InsertStmt" in tree ? tree.InsertStmt.relation
      : "MergeStmt" in tree ? tree.MergeStmt.relation
      : undefined;
    if (changed === undefined || !isCatalog(changed)) return undefined;
    return {
      classes: ["breaking"],
      reason: `${changed.relname ?? ""} is a system catalog, and nothing checks what is written`,
      instead: "use the command that makes the change",
      subjects: [],
    };
  },
  cases: [
    {
      sql: "update pg_catalog.pg_class set reltuples = 0 where relname = 'archive'",
      gives: ["breaking"],
    },
    { sql: "delete from pg_description where false", gives: ["breaking"] },
    { sql: "update app.unguarded set owner = 'x' where id = 1", gives: "silent" },
  ],
};

/** Names that begin so are kept for the system. */
function isCatalog({ schemaname, relname = "" }: RangeVar): boolean {
  return schemaname === "pg_catalog" || (schemaname === undefined && relname.startsWith("pg_"));
}
