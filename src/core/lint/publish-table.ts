/** `publish-table`: a table without a key cannot be updated once it is published. */

import type { Node } from "libpg-query";
import type { Known, StatementRule } from "../review/rule.ts";
import { bodyOf, nodeBody } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";

export const publishTable: StatementRule = {
  id: "publish-table",
  scope: "statement",
  title: "in a publication a table without a primary key can be neither updated nor deleted from",
  page: {
    locks:
      "SHARE UPDATE EXCLUSIVE on each table that is named; none for ALL TABLES and TABLES IN " +
      "SCHEMA.",
    why:
      "UPDATE and DELETE of running code fail on a published table that has no replica identity: " +
      "a primary key, or what REPLICA IDENTITY names. An INSERT never fails. What leaves a " +
      "publication no longer reaches its subscribers.",
    instead:
      "Before, a key, or in its place:\nalter table t replica identity using index t_id_idx;\n" +
      "or: create publication p for table t with (publish = 'insert');",
    since: "all versions; TABLES IN SCHEMA since 15",
  },
  judge: (action, known) => {
    const create = bodyOf(action, "CreatePublicationStmt");
    const alter = bodyOf(action, "AlterPublicationStmt");
    const statement = create ?? alter;
    if (statement === undefined) return undefined;
    const tables = publishedTables(statement.pubobjects, known);
    const { schema } = known;
    const isAll = create?.for_all_tables === true;
    const drops = alter?.action === "AP_DropObjects";
    const seen = isAll ? schema.relations().map(({ name }) => name) : tables;
    const keyless = insertsOnly(statement.options) || drops
      ? []
      : seen.filter((name) => isKeyless(name, known));
    return {
      classes: keyless.length > 0 ? ["breaking"] : ["safe"],
      reason: keyless.length > 0
        ? `updates and deletes of ${keyless.join(", ")} fail, unless replica identity is set there`
        : "reads and writes go on; what subscribers get changes",
      ...(keyless.length > 0
        ? { instead: "give it a primary key first, or replica identity by another unique index" }
        : {}),
      subjects: keyless,
      locks: sameLocks(tables, "SHARE UPDATE EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "create publication news for table app.orders, app.lines", gives: ["safe"] },
    { sql: "create publication news for table app.archive", gives: ["breaking"] },
    {
      sql: "create publication news for table app.archive with (publish = 'insert')",
      gives: ["safe"],
    },
    { sql: "create publication news for all tables", gives: ["breaking"] },
    { sql: "create publication news for tables in schema app", gives: ["safe"] },
    { sql: "alter publication depot_news add table app.archive", gives: ["breaking"] },
    { sql: "alter publication depot_news drop table depot.keyless", gives: ["safe"] },
    { sql: "create table app.fresh (id bigint)", gives: "silent" },
  ],
};

function publishedTables(
  objects: readonly Node[] | undefined,
  { schema }: Known,
): readonly string[] {
  return (objects ?? []).flatMap((node) => {
    const { relation } = nodeBody(node, "PublicationObjSpec")?.pubtable ?? {};
    return relation === undefined ? [] : schema.nameOf(relation);
  });
}

function insertsOnly(options: readonly Node[] | undefined): boolean {
  return (options ?? []).some((node) => {
    const { defname, arg } = nodeBody(node, "DefElem") ?? {};
    const words = nodeBody(arg, "String")?.sval?.split(/[\s,]+/) ?? [];
    return defname === "publish" && !words.includes("update") && !words.includes("delete");
  });
}

function isKeyless(name: string, { schema }: Known): boolean {
  const { kind, isComplete, constraints } = schema.relation(name);
  const isTable = kind === "table" || kind === "partitioned-table";
  return isTable && isComplete &&
    ![...constraints.values()].some((one) => one.kind === "primary-key");
}
