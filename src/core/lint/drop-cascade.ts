/** `drop-cascade`: CASCADE takes along what nobody has named. */

import { type Action, rangeOfNames } from "../review/action.ts";
import { dropReach } from "../review/drop-reach.ts";
import { namedDrop } from "../review/dropped-relations.ts";
import { objectParts } from "../review/object-name.ts";
import { partsOfName } from "../review/relation-name.ts";
import type { Judgement, Known, RelationLock, StatementRule } from "../review/rule.ts";
import { bareName, type SchemaModel } from "../review/schema-model.ts";
import { shownList } from "../review/shown-list.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";

export const dropCascade: StatementRule = {
  id: "drop-cascade",
  scope: "statement",
  title: "CASCADE takes views, foreign keys, columns and triggers along without naming them",
  page: {
    locks:
      "ACCESS EXCLUSIVE on all that goes, and on every table that loses a foreign key, a column, " +
      "a default or a trigger by it.",
    why:
      "What depends on the object is different on each database: the statement that takes a " +
      "forgotten view on a test system can take a foreign key of the busiest table in " +
      "production. Nothing tells, but for a notice. Of what depends on a function, a type in a " +
      "view or an extension pgmate knows nothing: plan --rehearse does.",
    instead:
      "Without CASCADE Postgres refuses, and lists in its DETAIL what depends on the object. " +
      "Drop that first, by name:\n" +
      "alter table child drop constraint child_parent_id_fkey;\n" +
      "drop view v;\n" +
      "drop table parent;",
    since: "all versions",
  },
  judge: (action, known) => dropped(action, known) ?? loosened(action, known),
  cases: [
    { sql: "drop table app.orders cascade", gives: ["breaking"] },
    { sql: "drop table app.customers cascade", gives: ["breaking"] },
    { sql: "drop table app.orders, app.lines cascade", gives: ["breaking"] },
    { sql: "drop view depot.notes cascade", gives: ["breaking"] },
    { sql: "drop table depot.stored cascade", gives: ["breaking"] },
    { sql: "drop table depot.rooms cascade", gives: ["breaking"] },
    { sql: "drop sequence depot.numbered_id_seq cascade", gives: ["breaking"] },
    { sql: "drop domain app.positive cascade", gives: ["breaking"] },
    { sql: "drop schema app cascade", gives: ["breaking"] },
    { sql: "drop function app.next_code() cascade", gives: ["breaking"] },
    {
      sql: "alter table app.customers drop constraint customers_pkey cascade",
      gives: ["breaking"],
    },
    { sql: "drop table app.archive", gives: "silent" },
    { sql: "drop domain if exists app.nothing", gives: "silent" },
  ],
};

const relationKinds = [
  "OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_FOREIGN_TABLE",
] as const;

function dropped(action: Action, known: Known): Judgement | undefined {
  const drop = bodyOf(action, "DropStmt");
  if (drop?.behavior !== "DROP_CASCADE") return undefined;
  const { schema } = known;
  const named = namedDrop(drop, known, ...relationKinds);
  if (named !== undefined) {
    if (named.names.length === 0) return undefined;
    const reach = dropReach(schema, named.names, "cascade");
    const views = reach.dropped.filter((name) =>
      !named.names.includes(name) && isView(schema, name),
    );
    const keys = referringTables(schema, named.names).filter(
      (table) => !reach.dropped.includes(table),
    );
    return judgement(named.names, [
      ...views, ...keys.map((table) => `the foreign key of ${table}`),
    ], reach.locks);
  }
  const objects = (drop.objects ?? []).map(objectParts);
  if (drop.removeType === "OBJECT_SCHEMA") {
    const schemas = objects.map((parts) => parts.join("."));
    const inside = schema.relations().map(({ name }) => name)
      .filter((name) => schemas.includes(partsOfName(name).schema));
    const reach = dropReach(schema, inside, "cascade");
    return {
      ...judgement(schemas, reach.dropped, reach.locks),
      loses: `all that is in ${schemas.join(", ")}`,
    };
  }
  const users = drop.removeType === "OBJECT_TYPE" || drop.removeType === "OBJECT_DOMAIN"
    ? objects.flatMap((parts) => usersOfType(schema, parts))
    : [];
  return judgement(
    objects.map((parts) => parts.join(".")),
    users.map((table) => `the columns of ${table}`),
    sameLocks(users, "ACCESS EXCLUSIVE"),
  );
}

function isView(schema: SchemaModel, name: string): boolean {
  const { kind } = schema.relation(name);
  return kind === "view" || kind === "materialized-view";
}

function referringTables(schema: SchemaModel, names: readonly string[]): readonly string[] {
  return [...new Set(names.flatMap((name) => schema.referencing(name).map(({ table }) => table)))];
}

function usersOfType(schema: SchemaModel, parts: readonly string[]): readonly string[] {
  const type = bareName(schema.nameOf(rangeOfNames(parts)));
  return schema.tablesWithType(type).filter(({ kind }) => kind !== "view").map(({ name }) => name);
}

function judgement(
  subjects: readonly string[],
  taken: readonly string[],
  locks: readonly RelationLock[],
): Judgement {
  return {
    classes: ["breaking"],
    reason: taken.length === 0
      ? "cascade takes along whatever depends on it, which nobody has named"
      : `cascade takes along ${shownList(taken)}`,
    instead: "drop what depends on it by name, and leave cascade out",
    subjects,
    locks,
  };
}

/** What hangs on a column or a constraint; other rules know what the command itself locks. */
function loosened(action: Action, { schema }: Known): Judgement | undefined {
  if (action.kind !== "alter-table" || action.command.behavior !== "DROP_CASCADE") return undefined;
  const { subtype, name = "" } = action.command;
  if (action.object === "OBJECT_TYPE") return undefined;
  if (subtype !== "AT_DropColumn" && subtype !== "AT_DropConstraint") return undefined;
  const table = schema.relation(action.table);
  const keys = referringTables(schema, [table.name]).map((one) => `the foreign key of ${one}`);
  const views = schema.readersOf(table.name).map((view) => view.name);
  const constraint = table.constraints.get(name);
  const isKey = constraint?.kind === "primary-key" || constraint?.kind === "unique";
  const found = subtype === "AT_DropColumn" ? [...views, ...keys] : isKey ? keys : [];
  const some = found.length === 0 ? "" : `, perhaps ${shownList([...new Set(found)])}`;
  return {
    ...judgement([table.name], [], []),
    reason: `cascade takes along whatever depends on ${table.name}.${name}${some}`,
  };
}
