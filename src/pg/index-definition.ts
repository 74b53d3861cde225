/** Which indexes of a table are what a CREATE INDEX would build: their definitions are compared. */

import type { AloneStatement } from "../core/alone-statement.ts";
import { lockTimeoutSql } from "../core/step-sql.ts";
import type { Session } from "./session.ts";

export type WantedIndex = Extract<AloneStatement, { kind: "create-index" }>;

const lockTimeoutMs = 2_000;

/** All but its name and its table; numbers of columns differ where some were dropped. */
const definition = `row(c.relam, i.indisunique, i.indnullsnotdistinct, i.indnkeyatts,
  i.indclass::text, i.indcollation::text, i.indoption::text, c.reloptions,
  array(select pg_catalog.pg_get_indexdef(i.indexrelid, k, false)
          from pg_catalog.generate_series(1, i.indnatts) k),
  pg_catalog.pg_get_expr(i.indpred, i.indrelid))::text`;

/**
 * The object ids of those that are; undefined where that cannot be told. The server builds the
 * same on an empty copy of the table, of which nothing is kept: only it knows what all the ways to
 * write it mean.
 */
export async function indexesLike(
  session: Session,
  table: number,
  { body, rows: which }: WantedIndex,
): Promise<readonly number[] | undefined> {
  const [named] = await session.rows(
    "select quote_ident(n.nspname) as schema, c.oid::regclass::text as name " +
      `from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.oid = ${table}`,
  );
  if (named === undefined) return [];
  // Where the index would be, since there the role may make something.
  const copy = `${named["schema"]}.pgmate_copy_${table}`;
  const made = await session.send(
    [
      "begin", lockTimeoutSql(lockTimeoutMs), `create table ${copy} (like ${named["name"]})`,
      `create ${which === "unique" ? "unique " : ""}index on ${copy}${body}`,
    ].join(";\n"),
  );
  try {
    if (made.kind === "failed") return undefined;
    const like = `select ${definition} from pg_catalog.pg_index i ` +
      "join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) i.indexrelid " +
      "where i.indrelid operator(pg_catalog.=) ";
    const rows = await session.rowsWithin(
      "select i.indexrelid::pg_catalog.text as oid from pg_catalog.pg_index i " +
        "join pg_catalog.pg_class c on c.oid operator(pg_catalog.=) i.indexrelid " +
        `where i.indrelid operator(pg_catalog.=) ${table} and ${definition} ` +
        `operator(pg_catalog.=) (${like}pg_catalog.to_regclass('${copy.replaceAll("'", "''")}'))`,
    );
    return rows.map((row) => Number(row["oid"]));
  } finally {
    if (session.transactionState !== "I" && !session.isLost) await session.send("rollback");
  }
}
