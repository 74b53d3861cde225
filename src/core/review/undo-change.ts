/** What a statement makes, takes away or alters, under names that its undoing would say too. */

import type { AlterTableCmd, DropStmt, Node, RangeVar } from "libpg-query";
import { type Action, actionsOf, names } from "./action.ts";
import { nodesOf } from "./tree-nodes.ts";

export interface Change {
  readonly does: "makes" | "takes" | "alters";
  /** `table users`, `column users.name`. */
  readonly what: string;
  /** What it goes with, such as `table users`, `column users.name`. */
  readonly partOf: readonly string[];
  /** What the change that takes it back is called, where that is another one. */
  readonly inverse?: string;
  /** Data that are gone when it is gone: `the rows of users`. */
  readonly holds: string | undefined;
}

/** Empty where the schema stays as it is; undefined where a reading does not show it. */
export function changesOf(tree: Node): readonly Change[] | undefined {
  if ("AlterTableStmt" in tree) return actionsOf(tree).flatMap(changesOfCommand);
  if ("DropStmt" in tree) return drops(tree.DropStmt);
  return ofTable(tree) ?? ofOther(tree) ?? ofData(tree);
}

function change(
  does: Change["does"],
  what: string,
  more: { readonly partOf?: readonly string[]; readonly holds?: string } = {},
): readonly [Change] {
  return [{ does, what, partOf: more.partOf ?? [], holds: more.holds }];
}

/** A table, and columns of it that take with them what is built on them. */
function partsOfTable(table: string, columns: readonly string[] = []): readonly string[] {
  // A materialized view has indexes too, and a partition goes with its table.
  const named = columns.map((column) => `column ${table}.${column}`);
  return [`table ${table}`, `view ${table}`, ...named];
}

/** Without `public`, which some people write and others leave out. */
function shown(parts: readonly string[]): string {
  return (parts[0] === "public" && parts.length > 1 ? parts.slice(1) : parts).join(".");
}

function nameOf(range: RangeVar | undefined): string {
  const { schemaname, relname = "" } = range ?? {};
  return shown(schemaname === undefined ? [relname] : [schemaname, relname]);
}

function ofTable(tree: Node): readonly Change[] | undefined {
  if ("CreateStmt" in tree) {
    const { relation, partbound, inhRelations = [] } = tree.CreateStmt;
    const name = nameOf(relation);
    const parents = partbound === undefined ? [] : inhRelations;
    const partOf = parents.flatMap((node) =>
      "RangeVar" in node ? partsOfTable(nameOf(node.RangeVar)) : [],
    );
    return change("makes", `table ${name}`, { partOf, holds: `the rows of ${name}` });
  }
  if ("CreateTableAsStmt" in tree) {
    const name = nameOf(tree.CreateTableAsStmt.into?.rel);
    if (tree.CreateTableAsStmt.objtype === "OBJECT_MATVIEW") return change("makes", `view ${name}`);
    return change("makes", `table ${name}`, { holds: `the rows of ${name}` });
  }
  if ("IndexStmt" in tree) {
    const { idxname, relation, indexParams = [] } = tree.IndexStmt;
    const table = nameOf(relation);
    const columns = indexParams.flatMap((node) =>
      "IndexElem" in node ? (node.IndexElem.name ?? []) : [],
    );
    const parts = indexParams.map((node) =>
      "IndexElem" in node ? (node.IndexElem.name ?? "expr") : "expr",
    );
    // As Postgres names what has no name in the file.
    const own = [relation?.relname ?? "", ...parts, "idx"].join("_");
    const what = `index ${idxname ?? own}`;
    return change("makes", what, { partOf: partsOfTable(table, columns) });
  }
  if ("CreateTrigStmt" in tree) {
    const { trigname = "", relation } = tree.CreateTrigStmt;
    const table = nameOf(relation);
    return change("makes", `trigger ${trigname} on ${table}`, { partOf: partsOfTable(table) });
  }
  if ("CreatePolicyStmt" in tree) {
    const { policy_name: policy = "", table: range } = tree.CreatePolicyStmt;
    const table = nameOf(range);
    return change("makes", `policy ${policy} on ${table}`, { partOf: partsOfTable(table) });
  }
  if ("ViewStmt" in tree) {
    const { view, replace } = tree.ViewStmt;
    return change(replace === true ? "alters" : "makes", `view ${nameOf(view)}`);
  }
  if ("CreateSeqStmt" in tree) {
    return change("makes", `sequence ${nameOf(tree.CreateSeqStmt.sequence)}`);
  }
  if ("RenameStmt" in tree) return renames(tree);
  return undefined;
}

function renames(tree: Extract<Node, { RenameStmt: unknown }>): readonly Change[] {
  const { renameType = "", relation, subname, newname = "" } = tree.RenameStmt;
  const old = subname ?? relation?.relname ?? "";
  const table = subname === undefined ? "" : ` of ${nameOf(relation)}`;
  const words = (from: string, to: string): string =>
    `the name of ${renameType} ${from}${table} to ${to}`;
  const [made] = change("alters", words(old, newname));
  return [{ ...made, inverse: words(newname, old) }];
}

function ofOther(tree: Node): readonly Change[] | undefined {
  if ("CreateFunctionStmt" in tree) {
    const { funcname, replace } = tree.CreateFunctionStmt;
    return change(replace === true ? "alters" : "makes", `function ${shown(names(funcname))}`);
  }
  if ("CreateEnumStmt" in tree) {
    return change("makes", `type ${shown(names(tree.CreateEnumStmt.typeName))}`);
  }
  if ("CompositeTypeStmt" in tree) {
    return change("makes", `type ${nameOf(tree.CompositeTypeStmt.typevar)}`);
  }
  if ("CreateRangeStmt" in tree) {
    return change("makes", `type ${shown(names(tree.CreateRangeStmt.typeName))}`);
  }
  if ("CreateDomainStmt" in tree) {
    return change("makes", `type ${shown(names(tree.CreateDomainStmt.domainname))}`);
  }
  if ("AlterEnumStmt" in tree && tree.AlterEnumStmt.newVal !== undefined) {
    const { typeName, newVal, oldVal } = tree.AlterEnumStmt;
    const type = shown(names(typeName));
    if (oldVal === undefined) return change("makes", `the value '${newVal}' of type ${type}`);
    return change("alters", `the value ${[oldVal, newVal].toSorted().join("/")} of type ${type}`);
  }
  if ("CreateExtensionStmt" in tree) {
    return change("makes", `extension ${tree.CreateExtensionStmt.extname ?? ""}`);
  }
  if ("CreateSchemaStmt" in tree) {
    return change("makes", `schema ${tree.CreateSchemaStmt.schemaname ?? ""}`);
  }
  if ("GrantStmt" in tree || "AlterDefaultPrivilegesStmt" in tree) {
    return change("alters", "who has which rights");
  }
  return undefined;
}

const harmless: readonly string[] = [
  "SelectStmt", "VariableSetStmt", "VariableShowStmt", "VacuumStmt", "ReindexStmt",
  "RefreshMatViewStmt", "LockStmt", "TransactionStmt", "CommentStmt", "ClusterStmt",
  "ConstraintsSetStmt", "ExplainStmt", "CheckPointStmt", "NotifyStmt", "DiscardStmt",
];

function ofData(tree: Node): readonly Change[] | undefined {
  if ("TruncateStmt" in tree) {
    return (tree.TruncateStmt.relations ?? []).flatMap((node) => {
      if (!("RangeVar" in node)) return [];
      const rows = `the rows of ${nameOf(node.RangeVar)}`;
      return change("takes", rows, { holds: rows });
    });
  }
  if ("DeleteStmt" in tree) {
    const rows = `rows of ${nameOf(tree.DeleteStmt.relation)}`;
    return change("takes", rows, { holds: rows });
  }
  if ("UpdateStmt" in tree) {
    return change("alters", `the rows of ${nameOf(tree.UpdateStmt.relation)}`);
  }
  if ("InsertStmt" in tree) {
    return change("makes", `rows of ${nameOf(tree.InsertStmt.relation)}`, {
      partOf: partsOfTable(nameOf(tree.InsertStmt.relation)),
    });
  }
  return harmless.some((kind) => kind in tree) ? [] : undefined;
}

/** What DROP calls it, where that is not the word of the statement that made it. */
const droppedKinds: Readonly<Record<string, string>> = {
  OBJECT_TABLE: "table", OBJECT_VIEW: "view", OBJECT_MATVIEW: "view", OBJECT_INDEX: "index",
  OBJECT_SEQUENCE: "sequence", OBJECT_TYPE: "type", OBJECT_DOMAIN: "type",
  OBJECT_FUNCTION: "function", OBJECT_PROCEDURE: "function", OBJECT_EXTENSION: "extension",
  OBJECT_SCHEMA: "schema", OBJECT_TRIGGER: "trigger", OBJECT_POLICY: "policy",
};

function drops({ objects, removeType = "OBJECT_TABLE" }: DropStmt): readonly Change[] | undefined {
  const kind = droppedKinds[removeType];
  if (kind === undefined) return undefined;
  return (objects ?? []).flatMap((object) => {
    const parts = partsOf(object);
    if (kind === "trigger" || kind === "policy") {
      const table = shown(parts.slice(0, -1));
      return change("takes", `${kind} ${parts.at(-1) ?? ""} on ${table}`);
    }
    // An index has its table's schema, which the statement that made it does not say.
    const name = kind === "index" ? (parts.at(-1) ?? "") : shown(parts);
    const holds = kind === "table" ? { holds: `the rows of ${name}` } : {};
    return change("takes", `${kind} ${name}`, holds);
  });
}

function partsOf(object: Node): readonly string[] {
  if ("List" in object) return names(object.List.items);
  if ("TypeName" in object) return names(object.TypeName.names);
  if ("ObjectWithArgs" in object) return names(object.ObjectWithArgs.objname);
  return "String" in object ? [object.String.sval ?? ""] : [];
}

function changesOfCommand(action: Action): readonly Change[] {
  if (action.kind !== "alter-table") return [];
  const table = nameOf(action.table);
  const { command } = action;
  const part = { partOf: partsOfTable(table) };
  switch (command.subtype) {
    case "AT_AddColumn": {
      const column = `${table}.${columnName(command)}`;
      return change("makes", `column ${column}`, { ...part, holds: `the values of ${column}` });
    }
    case "AT_DropColumn": {
      const column = `${table}.${command.name ?? ""}`;
      return change("takes", `column ${column}`, { holds: `the values of ${column}` });
    }
    case "AT_AddConstraint": {
      const name = constraintName(command);
      const what = `constraint ${name ?? defaultConstraintName(command, action.table)}`;
      const partOf = partsOfTable(table, constraintColumns(command));
      return change("makes", `${what} of ${table}`, { partOf });
    }
    case "AT_DropConstraint":
      return change("takes", `constraint ${command.name ?? ""} of ${table}`);
    case "AT_ValidateConstraint":
      return [];
    case "AT_SetNotNull": {
      const partOf = partsOfTable(table, [command.name ?? ""]);
      return change("makes", `not null of ${table}.${command.name ?? ""}`, { partOf });
    }
    case "AT_DropNotNull":
      return change("takes", `not null of ${table}.${command.name ?? ""}`);
    case "AT_EnableRowSecurity":
      return change("makes", `row level security of ${table}`, part);
    case "AT_DisableRowSecurity":
      return change("takes", `row level security of ${table}`);
    case "AT_AttachPartition":
      return change("makes", `the partition ${partitionName(command)} of ${table}`, part);
    case "AT_DetachPartition":
      return change("takes", `the partition ${partitionName(command)} of ${table}`);
    case "AT_ColumnDefault":
      return change("alters", `the default of ${table}.${command.name ?? ""}`);
    case "AT_AlterColumnType":
      return change("alters", `the type of ${table}.${command.name ?? ""}`);
    default: {
      const of = command.name === undefined ? table : `${table}.${command.name}`;
      return change("alters", `${commandWords(command)} of ${of}`);
    }
  }
}

/** Nearly as the manual has it: `SET STATISTICS` for AT_SetStatistics. */
function commandWords({ subtype }: AlterTableCmd): string {
  const words = (subtype ?? "").replace(/^AT_/, "").replace(/(?<=[a-z])(?=[A-Z])/g, " ");
  return words.toUpperCase();
}

function columnName({ def }: AlterTableCmd): string {
  return def !== undefined && "ColumnDef" in def ? (def.ColumnDef.colname ?? "") : "";
}

function constraintName({ def }: AlterTableCmd): string | undefined {
  if (def === undefined || !("Constraint" in def)) return undefined;
  return def.Constraint.conname ?? def.Constraint.indexname;
}

/** Of a check those that its expression names. */
function constraintColumns({ def }: AlterTableCmd): readonly string[] {
  if (def === undefined || !("Constraint" in def)) return [];
  const { keys, fk_attrs: own, raw_expr: expression } = def.Constraint;
  const spoken = nodesOf("ColumnRef", expression).map(({ fields }) => names(fields).at(-1) ?? "");
  return [...names(keys), ...names(own), ...spoken];
}

/** As Postgres names what has no name in the file. */
function defaultConstraintName({ def }: AlterTableCmd, { relname = "" }: RangeVar): string {
  if (def === undefined || !("Constraint" in def)) return relname;
  const { contype, keys, fk_attrs: own, raw_expr: expression } = def.Constraint;
  const spoken = [...new Set(
    nodesOf("ColumnRef", expression).map(({ fields }) => names(fields).at(-1) ?? ""),
  )];
  switch (contype) {
    case "CONSTR_PRIMARY":
      return `${relname}_pkey`;
    case "CONSTR_UNIQUE":
      return [relname, ...names(keys), "key"].join("_");
    case "CONSTR_FOREIGN":
      return [relname, ...names(own), "fkey"].join("_");
    default:
      return [relname, ...(spoken.length === 1 ? spoken : []), "check"].join("_");
  }
}

function partitionName({ def }: AlterTableCmd): string {
  return def !== undefined && "PartitionCmd" in def ? nameOf(def.PartitionCmd.name) : "";
}
