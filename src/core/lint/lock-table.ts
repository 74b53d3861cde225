/** `lock-table`: LOCK TABLE holds what it takes until the commit. */

import type { LockStmt } from "libpg-query";
import { lockModes, lockRank, type StatementRule } from "../review/rule.ts";
import type { SchemaModel } from "../review/schema-model.ts";
import { bodyOf, rangeVars } from "../review/statement-node.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const lockTable: StatementRule = {
  id: "lock-table",
  scope: "statement",
  title: "LOCK TABLE holds its lock until the commit",
  page: {
    locks:
      "The mode that is named, ACCESS EXCLUSIVE where none is, on the table and its partitions, " +
      "and on what is behind a view. From SHARE on nobody can write, in ACCESS EXCLUSIVE nobody " +
      "can read either.",
    why:
      "Everything that the file does afterwards is done while others wait. A lock that a later " +
      "statement needs it takes by itself, and for a shorter time.",
    instead:
      "Leave it out. Where two tables must be locked in one order, name both in one statement, " +
      "right before what needs them, with a lock_timeout. Among pgmate's own runs a lock is held " +
      "anyway.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const lock = bodyOf(action, "LockStmt");
    const mode = lockModes[(lock?.mode ?? 0) - 1];
    if (lock === undefined || mode === undefined) return undefined;
    const named = rangeVars(lock.relations).map((range) => schema.nameOf(range));
    const stops = lockRank(mode) >= lockRank("SHARE");
    const whom = mode === "ACCESS EXCLUSIVE" ? "read or write" : "write to";
    return {
      classes: [stops ? "risky" : "safe"],
      reason: stops
        ? `nobody can ${whom} ${named.join(", ")} until the commit`
        : `reads and writes of ${named.join(", ")} go on`,
      ...(stops ? { instead: "leave it out: statements take the locks that they need" } : {}),
      subjects: named,
      locks: sameLocks(locked(schema, lock), mode),
    };
  },
  cases: [
    { sql: "lock table app.orders", gives: ["risky"] },
    { sql: "lock table app.orders, app.lines in share mode", gives: ["risky"] },
    { sql: "lock table app.events in exclusive mode nowait", gives: ["risky"] },
    { sql: "lock table only app.events in share row exclusive mode", gives: ["risky"] },
    { sql: "lock table app.open_orders in exclusive mode", gives: ["risky"] },
    { sql: "lock table app.orders in share update exclusive mode", gives: ["safe"] },
    { sql: "lock table app.orders in access share mode", gives: ["safe"] },
  ],
};

function locked(schema: SchemaModel, { relations }: LockStmt): readonly string[] {
  const found = new Set<string>();
  const open = rangeVars(relations).flatMap((range) => {
    const name = schema.nameOf(range);
    return range.inh === true ? tableFamily(schema, name) : [name];
  });
  for (let name = open.shift(); name !== undefined; name = open.shift()) {
    if (found.has(name)) continue;
    found.add(name);
    const { kind, reads } = schema.relation(name);
    if (kind === "view") open.push(...reads.flatMap((one) => tableFamily(schema, one)));
  }
  return [...found];
}
