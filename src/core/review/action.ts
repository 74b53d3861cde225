/** What a parsed statement does, taken apart: ALTER TABLE into its subcommands. */

import type { AlterTableCmd, Node, ObjectType, RangeVar, TypeName } from "libpg-query";

export type Action =
  | {
      readonly kind: "alter-table";
      readonly table: RangeVar;
      /** OBJECT_TABLE, or OBJECT_INDEX, OBJECT_VIEW and others that take ALTER TABLE's commands. */
      readonly object: ObjectType;
      readonly command: AlterTableCmd;
      /** Whether the command says ONLY. */
      readonly only: boolean;
    }
  | { readonly kind: "statement"; readonly tree: Node };

/** At least one: a statement that is not taken apart is one action. */
export function actionsOf(tree: Node): readonly Action[] {
  if (!("AlterTableStmt" in tree)) return [{ kind: "statement", tree }];
  const { relation, cmds, objtype } = tree.AlterTableStmt;
  const commands = (cmds ?? []).flatMap((node) => ("AlterTableCmd" in node ? node : []));
  return commands.map(({ AlterTableCmd: command }): Action => ({
    kind: "alter-table",
    table: relation ?? {},
    object: objtype ?? "OBJECT_TABLE",
    command,
    only: relation?.inh !== true,
  }));
}

/** The texts of a list of String nodes, such as a qualified name. */
export function names(nodes: readonly Node[] | undefined): readonly string[] {
  return (nodes ?? []).flatMap((node) => ("String" in node ? (node.String.sval ?? "") : []));
}

/** A name that the grammar gives as a list, such as DROP TABLE's, as a relation. */
export function rangeOfNames(parts: readonly string[]): RangeVar {
  const relname = parts.at(-1) ?? "";
  const schemaname = parts.at(-2);
  return schemaname === undefined ? { relname } : { schemaname, relname };
}

/** A type as pg_type spells it, with its modifiers. */
export interface ColumnType {
  /** `int4`, `varchar`, `timestamptz`; with its schema where that is not pg_catalog. */
  readonly name: string;
  readonly modifiers: readonly number[];
  readonly isArray: boolean;
}

/** Many rules ask for the type of one column; the tree does not change meanwhile. */
const typesSeen = new WeakMap<TypeName, ColumnType>();

/** Types that the grammar knows by no keyword are spelled as they are written. */
export function columnType(type: TypeName | undefined): ColumnType {
  const seen = type === undefined ? undefined : typesSeen.get(type);
  if (seen !== undefined) return seen;
  const read = readType(type);
  if (type !== undefined) typesSeen.set(type, read);
  return read;
}

function readType(type: TypeName | undefined): ColumnType {
  const parts = names(type?.names).filter((part) => part !== "pg_catalog");
  const modifiers = (type?.typmods ?? []).flatMap((node) =>
    "A_Const" in node && node.A_Const.ival !== undefined ? (node.A_Const.ival.ival ?? 0) : [],
  );
  return { name: parts.join("."), modifiers, isArray: (type?.arrayBounds ?? []).length > 0 };
}

/** As a person reads it: `varchar(10)[]`. */
export function shownType({ name, modifiers, isArray }: ColumnType): string {
  const list = modifiers.length === 0 ? "" : `(${modifiers.join(",")})`;
  return `${name}${list}${isArray ? "[]" : ""}`;
}
