/** Whether CREATE INDEX IF NOT EXISTS passed over an invalid index, which serves nobody. */

import { aloneStatement } from "./alone-statement.ts";
import { quoteLiteral } from "./identifier.ts";
import { LeadingWords } from "./leading-words.ts";
import type { Statement } from "./split.ts";

/** Names as SQL writes them, with their schemas. */
export interface InvalidIndex {
  readonly sqlName: string;
  readonly sqlTable: string;
}

/** What the server's message holds in front of the two names. */
const mark = "pgmate: invalid index ";

/**
 * A statement to follow this one in its transaction, which fails where the index of that name is
 * INVALID: then nothing was built. Undefined for anything but CREATE INDEX IF NOT EXISTS. With
 * the lock that the statement has taken nobody is building it. That of a partitioned table may be
 * invalid for good reason, and so may one that is part of it.
 */
export function passedOverSql(statement: Statement): string | undefined {
  const words = new LeadingWords(statement);
  if (words.at(0) !== "create") return undefined;
  const index = words.skip(1, "unique");
  if (!words.are(index, "index", "if", "not", "exists")) return undefined;
  const about = aloneStatement(statement);
  if (about.kind !== "create-index" || about.index === undefined) return undefined;
  return (
    "select pg_catalog.int4in(pg_catalog.textout(pg_catalog.concat(" +
    `${quoteLiteral(mark)}, pg_catalog.json_build_array(` +
    "pg_catalog.format('%I.%I', n.nspname, c.relname), " +
    "pg_catalog.format('%I.%I', n.nspname, t.relname))))) " +
    "from pg_catalog.pg_index i, pg_catalog.pg_class c, pg_catalog.pg_class t, " +
    "pg_catalog.pg_namespace n, pg_catalog.pg_class o " +
    "where not i.indisvalid " +
    is("c.oid", "i.indexrelid") +
    is("t.oid", "i.indrelid") +
    is("n.oid", "c.relnamespace") +
    is("o.oid", `pg_catalog.to_regclass(${quoteLiteral(about.table)})`) +
    is("c.relnamespace", "o.relnamespace") +
    is("c.relname", `(pg_catalog.parse_ident(${quoteLiteral(about.index)}))[1]::pg_catalog.name`) +
    is("c.relkind", "'i'") +
    "and not exists (select from pg_catalog.pg_inherits h where true " +
    `${is("h.inhrelid", "c.oid")})`
  );
}

/** Under the session's own search path, which must not choose the operator. */
function is(left: string, right: string): string {
  return `and ${left} operator(pg_catalog.=) ${right} `;
}

/** The index that the server's message is about, where the statement above is what failed. */
export function passedOverIndex(message: string): InvalidIndex | undefined {
  const from = message.indexOf(`${mark}[`);
  if (from === -1) return undefined;
  const names = message.slice(from + mark.length, message.lastIndexOf("]") + 1);
  try {
    const [sqlName, sqlTable] = JSON.parse(names) as readonly unknown[];
    return { sqlName: String(sqlName), sqlTable: String(sqlTable) };
  } catch {
    return undefined;
  }
}

export function invalidIndexText({ sqlName, sqlTable }: InvalidIndex): string {
  return `the index ${sqlName} on ${sqlTable} is INVALID, and this run did not leave it so`;
}

/** What to do about one; that of a REINDEX is left over, and another one serves instead. */
export function invalidIndexMove({ sqlName }: InvalidIndex, verb: "built" | "rebuilt"): string {
  return (
    `if nobody is building it now: \`drop index concurrently ${sqlName};\`` +
    (verb === "built" ? ` or \`reindex index concurrently ${sqlName};\`` : "")
  );
}
