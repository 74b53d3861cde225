/** What ADD COLUMN adds, and what it has to write, read or lock for it beside the catalog. */

import type { ColumnDef, Constraint as ConstraintNode, Node } from "libpg-query";
import { type Action, names, rangeOfNames } from "./action.ts";
import { type DefaultFunctions, defaultFunctions, isNull } from "./default-value.ts";
import type { Known, RelationLock } from "./rule.ts";
import type { Domain, Relation } from "./schema-facts.ts";
import type { SchemaModel } from "./schema-model.ts";
import { columnOf, generatedKind, inlineConstraints, isSerial } from "./schema-read.ts";
import { sameLocks, storedTables, touchedTables } from "./table-locks.ts";

/** Why it is more than a word in the catalog; each is a rule of its own. */
export type ColumnHazard =
  | "volatile-default"
  | "serial"
  | "identity"
  | "stored-expression"
  | "constrained-domain"
  | "required"
  | "check"
  | "references"
  | "unique";

export interface AddedColumn {
  readonly table: Relation;
  readonly node: ColumnDef;
  readonly name: string;
  /** `app.orders.note`. */
  readonly shown: string;
  /** The table, with its partitions. */
  readonly tables: readonly string[];
  /** Those of them that hold rows. */
  readonly stored: readonly string[];
  /** On the tables; a foreign key locks another one too. */
  readonly locks: readonly RelationLock[];
  readonly functions: DefaultFunctions;
  readonly domain: Domain | undefined;
  readonly hazards: ReadonlySet<ColumnHazard>;
  /** Set where IF NOT EXISTS finds it there, and does nothing but lock. */
  readonly isThere: boolean;
}

/** An action is made for one statement, and a dozen rules ask what it adds. */
const addedBy = new WeakMap<Action, AddedColumn | "none">();

/** Undefined for anything else; attributes of a type are none of a table's columns. */
export function addedColumn(action: Action, known: Known): AddedColumn | undefined {
  const seen = addedBy.get(action) ?? readAdded(action, known) ?? "none";
  addedBy.set(action, seen);
  return seen === "none" ? undefined : seen;
}

function readAdded(action: Action, known: Known): AddedColumn | undefined {
  if (action.kind !== "alter-table" || action.command.subtype !== "AT_AddColumn") return undefined;
  const { schema } = known;
  const { object, command } = action;
  if (object !== "OBJECT_TABLE" && object !== "OBJECT_FOREIGN_TABLE") return undefined;
  if (command.def === undefined || !("ColumnDef" in command.def)) return undefined;
  const node = command.def.ColumnDef;
  const table = schema.relation(action.table);
  const tables = touchedTables(schema, action);
  const name = node.colname ?? "";
  const isThere = command.missing_ok === true && table.columns.has(name);
  const isForeign = object === "OBJECT_FOREIGN_TABLE" || table.kind === "foreign-table";
  const functions = defaultFunctions(known, defaultOf(node));
  const domain = domainOf(schema, node);
  return {
    table, node, name, tables, functions, domain, isThere,
    shown: `${table.name}.${name}`,
    stored: isForeign ? [] : storedTables(schema, tables),
    locks: sameLocks(tables, "ACCESS EXCLUSIVE"),
    hazards: isThere || isForeign ? new Set() : hazardsOf(node, functions, domain),
  };
}

/** The one that has the hazard: what most rules ask for. */
export function columnWith(
  hazard: ColumnHazard,
  action: Action,
  known: Known,
): AddedColumn | undefined {
  const added = addedColumn(action, known);
  return added?.hazards.has(hazard) === true ? added : undefined;
}

/** The expression behind DEFAULT. */
export function defaultOf(node: ColumnDef): Node | undefined {
  return inlineConstraints(node, "CONSTR_DEFAULT")[0]?.raw_expr;
}

/** Constraints behind the column that are checked: from 18 on NOT ENFORCED may follow one. */
export function enforced(
  node: ColumnDef,
  kind: NonNullable<ConstraintNode["contype"]>,
): readonly ConstraintNode[] {
  const all = (node.constraints ?? []).flatMap((one) =>
    "Constraint" in one ? one.Constraint : [],
  );
  return all.filter((one, at) => {
    const behind = all.slice(at + 1);
    const next = behind.findIndex(({ contype = "" }) => !contype.startsWith("CONSTR_ATTR_"));
    const attributes = next < 0 ? behind : behind.slice(0, next);
    const isOff = attributes.some(({ contype }) => contype === "CONSTR_ATTR_NOT_ENFORCED");
    return one.contype === kind && !isOff;
  });
}

/** Arrays of a domain are no domain, and their elements are not looked at. */
function domainOf(schema: SchemaModel, { typeName }: ColumnDef): Domain | undefined {
  if ((typeName?.arrayBounds ?? []).length > 0) return undefined;
  return schema.domain(rangeOfNames(names(typeName?.names)));
}

function hazardsOf(
  node: ColumnDef,
  functions: DefaultFunctions,
  domain: Domain | undefined,
): ReadonlySet<ColumnHazard> {
  const column = columnOf(node);
  const given = defaultOf(node);
  const hasValue = column.generated !== undefined || column.identity || isSerial(node) ||
    (given !== undefined && !isNull(given));
  const [generated] = inlineConstraints(node, "CONSTR_GENERATED");
  const isVirtual = generated !== undefined && generatedKind(generated) === "virtual";
  const ofDomain = given === undefined && domain?.volatileDefault === true;
  const isVolatile = ofDomain || functions.volatile.length + functions.unknown.length > 0;
  const found: readonly (readonly [ColumnHazard, boolean])[] = [
    ["volatile-default", isVolatile],
    ["serial", isSerial(node)],
    ["identity", column.identity],
    ["stored-expression", generated !== undefined && !isVirtual],
    ["constrained-domain", domain?.hasConstraints === true],
    ["required", column.notNull && !hasValue],
    ["check", enforced(node, "CONSTR_CHECK").length > 0 || (isVirtual && column.notNull)],
    ["references", inlineConstraints(node, "CONSTR_FOREIGN").length > 0],
    ["unique", inlineConstraints(node, "CONSTR_UNIQUE", "CONSTR_PRIMARY").length > 0],
  ];
  return new Set(found.flatMap(([hazard, isSo]) => (isSo ? [hazard] : [])));
}
