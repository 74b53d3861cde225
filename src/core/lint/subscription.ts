/** `subscription`: it depends on another server, and often cannot run in a transaction. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const subscription: StatementRule = {
  id: "subscription",
  scope: "statement",
  title: "subscriptions depend on another server, and dropped publications on what reads them",
  page: {
    locks:
      "None that stops users of tables; the copy of the rows that a new subscription begins with " +
      "runs beside, in ROW EXCLUSIVE.",
    why:
      "CREATE SUBSCRIPTION makes a slot on the other server, which must be there and let one in, " +
      "and cannot do that in a transaction; its text holds a password. A slot that nobody reads " +
      "any more fills the other server's disk. Without its publication a subscriber stops.",
    instead:
      "Set up replication outside of migrations, on each server its own. In a file only with " +
      "connect = false, or with transaction:false.",
    since: "all versions; the owner need not be a superuser since 16",
  },
  judge: (action) => {
    const create = bodyOf(action, "CreateSubscriptionStmt");
    const alter = bodyOf(action, "AlterSubscriptionStmt");
    const drop = bodyOf(action, "DropSubscriptionStmt");
    const publications = bodyOf(action, "DropStmt");
    const isDropped = publications?.removeType === "OBJECT_PUBLICATION";
    const name = create?.subname ?? alter?.subname ?? drop?.subname;
    if (name === undefined && !isDropped) return undefined;
    return {
      classes: ["risky"],
      reason: isDropped
        ? "subscribers of the publication stop with an error"
        : `what ${name} does depends on another server`,
      instead: "set up replication outside of migrations, on each server its own",
      subjects: [],
    };
  },
  cases: [
    {
      sql:
        "create subscription far connection 'dbname=x' publication news " +
        "with (connect = false, slot_name = none)",
      gives: ["risky"],
    },
    { sql: "alter subscription missing disable", gives: ["risky"], fails: true },
    { sql: "drop subscription missing", gives: ["risky"], fails: true },
    { sql: "drop publication depot_news", gives: ["risky"] },
    { sql: "create publication news for table app.orders", gives: "silent" },
  ],
};
