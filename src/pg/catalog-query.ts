/** Asks the catalog something that must mean the same whatever the search path is. */

import type { Row, Session } from "./session.ts";

/** Of a transaction that is open: the search path is put aside for the length of the query. */
const withinSql = `
  select pg_catalog.set_config('pgmate.search_path',
                               pg_catalog.current_setting('search_path'), true);
  set local search_path = pg_catalog, pg_temp;`;

const afterSql = `
  select pg_catalog.set_config('search_path',
                               pg_catalog.current_setting('pgmate.search_path'), true)`;

/** In the transaction that is open where there is one, so that what it did is seen. */
export async function catalogRows(session: Session, sql: string): Promise<readonly Row[]> {
  if (session.transactionState === "I") return session.rows(sql);
  const rows = await session.rowsWithin(`${withinSql}\n${sql}`);
  await session.rowsWithin(afterSql);
  return rows;
}
