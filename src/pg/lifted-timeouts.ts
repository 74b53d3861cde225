/** Runs a statement that no timeout may end. */

import type { Session } from "./session.ts";

/** The last is not known to servers before 17. */
const names = ["lock_timeout", "statement_timeout", "transaction_timeout"] as const;

/**
 * A lock_timeout would end the wait of a CONCURRENTLY statement and leave an INVALID index behind.
 * What the session had is put back, unless the connection is lost.
 */
export async function withoutTimeouts<Result>(
  session: Session,
  work: () => Promise<Result>,
): Promise<Result> {
  const list = names.map((name) => `pg_catalog.current_setting('${name}', true) as ${name}`);
  const [before] = await session.rowsWithin(`select ${list.join(", ")}`);
  const known = names.filter((name) => typeof before?.[name] === "string");
  await session.send(known.map((name) => `set ${name} = 0`).join("; "));
  try {
    return await work();
  } finally {
    if (!session.isLost) {
      const restored = known.map((name) => `set ${name} = '${String(before?.[name])}'`);
      await session.send(restored.join("; "));
    }
  }
}
