/** Changes the model of a schema as a statement would change the schema. */

import type {
  Constraint as ConstraintNode, CreateDomainStmt, CreateStmt, IndexStmt, Node,
} from "libpg-query";
import { actionsOf, names, rangeOfNames } from "./action.ts";
import { volatileCalls } from "./default-value.ts";
import { foldAlterTable } from "./schema-fold-table.ts";
import { relationsRead } from "./query-reads.ts";
import { renameColumn } from "./renamed-column.ts";
import { columnOf, constraintOf, isSerial } from "./schema-read.ts";
import { partsOfName, relationName } from "./relation-name.ts";
import type {
  Column, Constraint, Domain, Relation, RelationKind, Volatility,
} from "./schema-facts.ts";
import { emptyRelation, type SchemaModel, temporarySchema } from "./schema-model.ts";

/** Whether what the statement makes counts as made in the batch. */
export type Origin = "batch" | "before";

/** What it does not understand leaves the model as it is. */
export function foldStatement(model: SchemaModel, tree: Node, origin: Origin): void {
  if ("CreateStmt" in tree) return createTable(model, tree.CreateStmt, origin);
  if ("IndexStmt" in tree) return createIndex(model, tree.IndexStmt);
  if ("AlterTableStmt" in tree) {
    for (const action of actionsOf(tree)) foldAlterTable(model, action);
    return;
  }
  if ("DropStmt" in tree) return drop(model, tree);
  if ("RenameStmt" in tree) return rename(model, tree);
  if ("AlterObjectSchemaStmt" in tree) return setSchema(model, tree);
  foldOther(model, tree, origin);
}

function foldOther(model: SchemaModel, tree: Node, origin: Origin): void {
  const isNew = origin === "batch";
  const put = (name: string, kind: RelationKind, more: Partial<Relation> = {}): void => {
    const known = model.isKnown(name) ? model.relation(name) : undefined;
    model.put({ ...(known ?? emptyRelation(name, kind, { isNew })), ...more });
  };
  if ("ViewStmt" in tree) {
    const { view, query } = tree.ViewStmt;
    const reads = relationsRead(model, query);
    put(nameOfNew(model, view ?? {}), "view", { reads, readsColumns: undefined });
  } else if ("CreateTableAsStmt" in tree) {
    const { into, objtype, query } = tree.CreateTableAsStmt;
    const name = nameOfNew(model, into?.rel ?? {});
    if (objtype === "OBJECT_MATVIEW") {
      put(name, "materialized-view", { reads: relationsRead(model, query) });
    } else put(name, "table");
  } else if ("CreateSeqStmt" in tree) {
    const { sequence, options } = tree.CreateSeqStmt;
    put(nameOfNew(model, sequence ?? {}), "sequence", ownerOf(model, options));
  } else if ("AlterSeqStmt" in tree) {
    const { sequence, options } = tree.AlterSeqStmt;
    const relation = model.relation(sequence ?? {});
    if (model.isKnown(relation.name)) model.put({ ...relation, ...ownerOf(model, options) });
  } else if ("CreateForeignTableStmt" in tree) {
    put(nameOfNew(model, tree.CreateForeignTableStmt.base?.relation ?? {}), "foreign-table");
  } else if ("CreateDomainStmt" in tree) {
    model.putDomain(domainOf(model, tree.CreateDomainStmt, isNew ? "batch" : "before"));
  } else if ("AlterDomainStmt" in tree) {
    const { typeName } = tree.AlterDomainStmt;
    // The parser gives the letter of the server's own source, whatever the types promise.
    const does: string = tree.AlterDomainStmt.subtype ?? "";
    const domain = model.domain(rangeOfNames(names(typeName)));
    if (domain !== undefined && (does === "C" || does === "O")) {
      model.putDomain({ ...domain, hasConstraints: true });
    } else if (domain !== undefined && does === "T") {
      const volatileDefault = volatileCalls(model, tree.AlterDomainStmt.def).length > 0;
      model.putDomain({ ...domain, volatileDefault });
    }
  } else if ("CreateFunctionStmt" in tree) {
    const { funcname, options } = tree.CreateFunctionStmt;
    model.putFunction(names(funcname).at(-1) ?? "", volatilityOf(options));
  } else if ("CreatePolicyStmt" in tree) {
    const { table, policy_name: policy = "" } = tree.CreatePolicyStmt;
    const relation = model.relation(table ?? {});
    if (model.isKnown(relation.name)) {
      model.put({ ...relation, policies: [...relation.policies, policy] });
    }
  }
}

/** Of a sequence's options the table that OWNED BY names; nothing where they have none. */
function ownerOf(model: SchemaModel, options: readonly Node[] | undefined): Partial<Relation> {
  const owners = (options ?? []).flatMap((node) =>
    "DefElem" in node && node.DefElem.defname === "owned_by" ? [node.DefElem.arg] : [],
  );
  const [owner] = owners;
  if (owner === undefined || !("List" in owner)) return {};
  const parts = names(owner.List.items);
  // NONE is all there is, or the last part is a column.
  return { ownedBy: parts.length < 2 ? undefined : model.nameOf(rangeOfNames(parts.slice(0, -1))) };
}

function domainOf(model: SchemaModel, create: CreateDomainStmt, origin: Origin): Domain {
  const { domainname, constraints, typeName } = create;
  const own = (constraints ?? []).flatMap((node) => ("Constraint" in node ? node.Constraint : []));
  const below = model.domain(rangeOfNames(names(typeName?.names)));
  const given = own.find(({ contype }) => contype === "CONSTR_DEFAULT")?.raw_expr;
  return {
    name: nameOfNew(model, rangeOfNames(names(domainname))),
    isNew: origin === "batch",
    hasConstraints: below?.hasConstraints === true || own.some(({ contype = "" }) =>
      ["CONSTR_CHECK", "CONSTR_NOTNULL"].includes(contype),
    ),
    volatileDefault: given === undefined
      ? below?.volatileDefault === true
      : volatileCalls(model, given).length > 0,
  };
}

/** CREATE FUNCTION without a word on it makes a volatile one. */
function volatilityOf(options: readonly Node[] | undefined): Volatility {
  const said = (options ?? []).flatMap((node) =>
    "DefElem" in node && node.DefElem.defname === "volatility" && node.DefElem.arg !== undefined &&
      "String" in node.DefElem.arg ? (node.DefElem.arg.String.sval ?? "") : [],
  );
  const known = (["volatile", "stable", "immutable"] as const).find((one) => one === said.at(-1));
  return known ?? "volatile";
}

/** A new object goes where the search path leads, whatever lies further back under its name. */
export function nameOfNew(
  model: SchemaModel,
  range: {
    readonly schemaname?: string;
    readonly relname?: string;
    readonly relpersistence?: string;
  },
): string {
  // It stands before all others, and in the way of none.
  if (range.relpersistence === "t") return relationName(temporarySchema, range.relname ?? "");
  const schema = range.schemaname ?? model.searchPath[0] ?? "public";
  return relationName(schema, range.relname ?? "");
}

function createTable(model: SchemaModel, create: CreateStmt, origin: Origin): void {
  const name = nameOfNew(model, create.relation ?? {});
  if (create.if_not_exists === true && model.isKnown(name)) return;
  const parent = create.inhRelations?.[0];
  const isPartition = create.partbound !== undefined;
  const parentName =
    isPartition && parent !== undefined && "RangeVar" in parent
      ? model.nameOf(parent.RangeVar)
      : undefined;
  const columns = new Map<string, Column>();
  const serials = new Set<string>();
  const constraints = new Map<string, Constraint>();
  const elements = create.tableElts ?? [];
  for (const node of elements) {
    if (!("ColumnDef" in node)) continue;
    const column = columnOf(node.ColumnDef);
    columns.set(column.name, column);
    if (isSerial(node.ColumnDef)) serials.add(column.name);
  }
  model.put(emptyRelation(name, create.partspec === undefined ? "table" : "partitioned-table", {
    isNew: origin === "batch",
    isComplete: !elements.some((node) => "TableLikeClause" in node) && parent === undefined,
    columns,
    partitionOf: parentName,
    isDefaultPartition: create.partbound?.is_default === true,
    partitionKey: (create.partspec?.partParams ?? []).map((node) =>
      "PartitionElem" in node ? (node.PartitionElem.name ?? "") : "",
    ),
  }));
  for (const column of columns.values()) {
    if (column.identity || serials.has(column.name)) addSequence(model, name, column);
  }
  const add = (node: ConstraintNode, column: string | undefined): void => {
    addConstraint(model, name, constraintOf(model, name, node, column), constraints);
  };
  for (const node of elements) {
    if ("Constraint" in node) add(node.Constraint, undefined);
    if (!("ColumnDef" in node)) continue;
    const { colname, constraints: inline } = node.ColumnDef;
    for (const one of inline ?? []) if ("Constraint" in one) add(one.Constraint, colname);
  }
  model.put({ ...model.relation(name), constraints });
}

/** Under the name that Postgres gives it, but for the number that keeps two names apart. */
function addSequence(model: SchemaModel, table: string, column: Column): void {
  const { schema, name } = partsOfName(table);
  const { isNew } = model.relation(table);
  const sequence = relationName(schema, `${name}_${column.name}_seq`);
  model.put(emptyRelation(sequence, "sequence", { isNew, ownedBy: table }));
}

function addConstraint(
  model: SchemaModel,
  table: string,
  constraint: Constraint | undefined,
  into: Map<string, Constraint>,
): void {
  if (constraint === undefined) return;
  into.set(constraint.name, constraint);
  if (constraint.kind === "primary-key" || constraint.kind === "not-null") {
    const relation = model.relation(table);
    const columns = new Map(relation.columns);
    for (const column of constraint.columns) {
      const known = columns.get(column);
      if (known !== undefined) columns.set(column, { ...known, notNull: true });
    }
    model.put({ ...relation, columns });
  }
  if (constraint.kind !== "primary-key" && constraint.kind !== "unique") return;
  const { schema } = partsOfName(table);
  model.putIndex({
    name: relationName(schema, constraint.name), table, columns: constraint.columns, unique: true,
    valid: true, partial: false,
  });
}

function createIndex(model: SchemaModel, create: IndexStmt): void {
  const table = model.nameOf(create.relation ?? {});
  const columns = (create.indexParams ?? []).map((node) =>
    "IndexElem" in node ? (node.IndexElem.name ?? "") : "",
  );
  const { schema, name: tableName } = partsOfName(table);
  const parts = columns.map((column) => (column === "" ? "expr" : column));
  const name = create.idxname ?? [tableName, ...parts, "idx"].join("_");
  const joined = relationName(schema, name);
  if (create.if_not_exists === true && model.index(joined) !== undefined) return;
  model.putIndex({
    name: joined, table, columns, unique: create.unique === true, valid: true,
    partial: create.whereClause !== undefined,
  });
}

function drop(model: SchemaModel, tree: Extract<Node, { DropStmt: unknown }>): void {
  const { objects, removeType } = tree.DropStmt;
  if (removeType === "OBJECT_POLICY") return dropPolicies(model, objects);
  for (const object of objects ?? []) {
    const parts =
      "List" in object ? names(object.List.items)
      : "TypeName" in object ? names(object.TypeName.names) : [];
    if (parts.length === 0) continue;
    const known = ["OBJECT_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE",
      "OBJECT_INDEX", "OBJECT_FOREIGN_TABLE", "OBJECT_DOMAIN"];
    if (known.includes(removeType ?? "")) model.forget(model.nameOf(rangeOfNames(parts)));
  }
}

function dropPolicies(model: SchemaModel, objects: readonly Node[] | undefined): void {
  for (const object of objects ?? []) {
    if (!("List" in object)) continue;
    const parts = names(object.List.items);
    const relation = model.relation(rangeOfNames(parts.slice(0, -1)));
    if (!model.isKnown(relation.name)) continue;
    const policies = relation.policies.filter((policy) => policy !== parts.at(-1));
    model.put({ ...relation, policies });
  }
}

function rename(model: SchemaModel, tree: Extract<Node, { RenameStmt: unknown }>): void {
  const { renameType, relation, subname = "", newname = "" } = tree.RenameStmt;
  const name = model.nameOf(relation ?? {});
  if (renameType === "OBJECT_COLUMN") renameColumn(model, name, [subname, newname]);
  else if (renameType === "OBJECT_TABCONSTRAINT") {
    const known = model.relation(name);
    const constraint = known.constraints.get(subname);
    if (constraint === undefined) return;
    const constraints = new Map(known.constraints);
    constraints.delete(subname);
    constraints.set(newname, { ...constraint, name: newname });
    model.put({ ...known, constraints });
  } else if (relation !== undefined) {
    model.rename(name, relationName(partsOfName(name).schema, newname));
  }
}

function setSchema(
  model: SchemaModel,
  tree: Extract<Node, { AlterObjectSchemaStmt: unknown }>,
): void {
  const { relation, newschema = "" } = tree.AlterObjectSchemaStmt;
  if (relation === undefined) return;
  const name = model.nameOf(relation);
  model.rename(name, relationName(newschema, partsOfName(name).name));
}

