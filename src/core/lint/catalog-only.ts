/** `catalog-only`: statements that make something new, which nobody can use yet. */

import { objectWord } from "../review/object-name.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf, type NodeKind, statementKind } from "../review/statement-node.ts";

const kinds: Partial<Readonly<Record<NodeKind, string>>> = {
  CreateSchemaStmt: "schema",
  CompositeTypeStmt: "type",
  CreateEnumStmt: "type",
  CreateRangeStmt: "type",
  CreateDomainStmt: "domain",
  CreateSeqStmt: "sequence",
  CreateRoleStmt: "role",
  CreateCastStmt: "cast",
  CreateConversionStmt: "conversion",
  CreateTransformStmt: "transform",
  CreateOpClassStmt: "operator class",
  CreateOpFamilyStmt: "operator family",
  CreatePLangStmt: "language",
  CreateAmStmt: "access method",
  CreateFdwStmt: "foreign-data wrapper",
  CreateForeignServerStmt: "server",
  CreateUserMappingStmt: "user mapping",
  CreateForeignTableStmt: "foreign table",
  ImportForeignSchemaStmt: "set of foreign tables",
};

export const catalogOnly: StatementRule = {
  id: "catalog-only",
  scope: "statement",
  title: "a new schema, type, domain, sequence or the like is nobody's concern",
  page: {
    locks: "Nothing that stops anybody: a word in the catalog.",
    why:
      "It may run before the code that needs it. A cast or an operator can change which one " +
      "queries of others mean, where both fit.",
    instead: "Nothing: this is the way.",
    since: "all versions",
  },
  judge: (action) => {
    const kind = statementKind(action);
    const define = bodyOf(action, "DefineStmt");
    const known = kind === undefined ? undefined : kinds[kind];
    const word = define === undefined ? known : objectWord(define.kind);
    if (word === undefined) return undefined;
    return { classes: ["safe"], reason: `a new ${word}, which nobody uses yet`, subjects: [] };
  },
  cases: [
    { sql: "create schema fresh", gives: ["safe"] },
    { sql: "create type app.mood as enum ('good', 'bad')", gives: ["safe"] },
    { sql: "create type app.place as (a int, b int)", gives: ["safe"] },
    { sql: "create domain app.email as text check (value ~ '@')", gives: ["safe"] },
    { sql: "create sequence app.numbers owned by app.archive.id", gives: ["safe"] },
    { sql: "create aggregate app.total (int) (sfunc = int4pl, stype = int)", gives: ["safe"] },
    { sql: "create cast (app.order_status as text) with inout as assignment", gives: ["safe"] },
    { sql: "create collation app.plain from \"C\"", gives: ["safe"] },
    { sql: "create text search configuration app.words (copy = simple)", gives: ["safe"] },
    { sql: "create foreign data wrapper far", gives: ["safe"] },
    { sql: "create foreign table app.remote (id int) server depot_far", gives: ["safe"] },
    { sql: "create table app.fresh (id bigint)", gives: "silent" },
  ],
};
