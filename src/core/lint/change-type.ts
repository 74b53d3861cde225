/** `change-type`: attributes of a composite type. */

import type { Action } from "../review/action.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const changeType: StatementRule = {
  id: "change-type",
  scope: "statement",
  title: "ALTER TYPE … ATTRIBUTE changes every value of a composite type",
  page: {
    locks:
      "None on tables with a column of the type. With CASCADE ACCESS EXCLUSIVE on every table " +
      "made OF the type, which changes as by ALTER TABLE: a change of an attribute's type writes " +
      "those tables anew. Which tables those are pgmate does not know; plan --rehearse shows it.",
    why:
      "Code that reads or writes such values meets other fields than before. An attribute's type " +
      "cannot be changed while a column uses the composite type; a dropped one is gone from all " +
      "rows.",
    instead:
      "A second type, a second column of it, and the rows copied in batches. ADD ATTRIBUTE alone " +
      "is harmless where code names the fields that it wants.",
    since: "all versions",
  },
  judge: (action) => {
    const found = alteredAttribute(action);
    if (found === undefined) return undefined;
    const { does, isCascade } = found;
    const isMild = does === "gets an attribute";
    const tables = isCascade ? ", and every table made of it changes along" : "";
    return {
      classes: isCascade ? ["risky", "breaking"] : [isMild ? "safe" : "breaking"],
      reason: `the type ${found.type} ${does}${tables}`,
      ...(isMild && !isCascade
        ? {}
        : { instead: "make a second type, and change columns and code over to it" }),
      subjects: [],
    };
  },
  cases: [
    {
      before: "create type app.place as (a int, b int)",
      sql: "alter type app.place add attribute c int",
      gives: ["safe"],
    },
    {
      before: "create type app.place as (a int, b int); create table app.placed (one app.place)",
      sql: "alter type app.place drop attribute b",
      gives: ["breaking"],
    },
    {
      sql: "alter type depot.pair alter attribute b type bigint",
      gives: ["breaking"], fails: true,
    },
    { sql: "alter type depot.pair rename attribute b to c", gives: ["breaking"], fails: true },
    {
      before: "create type app.place as (a int, b int)",
      sql: "alter type app.place alter attribute b type bigint cascade",
      gives: ["risky", "breaking"],
    },
    { sql: "alter table app.orders add column c int", gives: "silent" },
  ],
};

const verbs: Readonly<Record<string, string>> = {
  AT_AddColumn: "gets an attribute",
  AT_DropColumn: "loses an attribute, with its values",
  AT_AlterColumnType: "gets another type for an attribute",
};

interface AlteredAttribute {
  readonly type: string;
  readonly does: string;
  readonly isCascade: boolean;
}

function alteredAttribute(action: Action): AlteredAttribute | undefined {
  if (action.kind === "alter-table") {
    if (action.object !== "OBJECT_TYPE") return undefined;
    const { subtype = "", behavior } = action.command;
    const does = verbs[subtype];
    if (does === undefined) return undefined;
    return { type: shown(action.table), does, isCascade: behavior === "DROP_CASCADE" };
  }
  const rename = bodyOf(action, "RenameStmt");
  if (rename?.renameType !== "OBJECT_ATTRIBUTE") return undefined;
  return {
    type: shown(rename.relation ?? {}),
    does: "gets another name for an attribute",
    isCascade: rename.behavior === "DROP_CASCADE",
  };
}

function shown(range: { readonly schemaname?: string; readonly relname?: string }): string {
  return [range.schemaname, range.relname].filter((part) => part !== undefined).join(".");
}
