/** `alter-object`: options of servers, text search, collations and the like. */

import type { StatementRule } from "../review/rule.ts";
import { type NodeKind, statementKind } from "../review/statement-node.ts";

const kinds: readonly NodeKind[] = [
  "AlterCollationStmt", "AlterFdwStmt", "AlterForeignServerStmt", "AlterObjectDependsStmt",
  "AlterOperatorStmt", "AlterTSConfigurationStmt", "AlterTSDictionaryStmt", "AlterTypeStmt",
  "AlterUserMappingStmt",
];

export const alterObject: StatementRule = {
  id: "alter-object",
  scope: "statement",
  title: "options of servers, text search, collations and the like are words in the catalog",
  page: {
    locks: "None that stops anybody: at most ACCESS SHARE on the table of a trigger or index.",
    why:
      "Nothing is checked or made again: what was worked out by the old words, such as stored " +
      "tsvectors and their indexes, stays as it is and no longer fits. After REFRESH VERSION of " +
      "a collation, indexes on it must have been rebuilt before.",
    instead:
      "Try the new one under a second name first: create text search configuration … (copy = …).",
    since: "all versions",
  },
  judge: (action) => {
    const kind = statementKind(action);
    if (kind === undefined || !kinds.includes(kind)) return undefined;
    return {
      classes: ["safe"],
      reason: "it holds from now on; what was worked out before stays as it is",
      subjects: [],
    };
  },
  cases: [
    {
      sql: "alter text search configuration depot.words drop mapping for word",
      gives: ["safe"],
    },
    { sql: "alter server depot_far version '2'", gives: ["safe"] },
    {
      sql: "alter trigger orders_touch on app.orders depends on extension plpgsql",
      gives: ["safe"],
    },
    { sql: "alter collation \"C\" refresh version", gives: ["safe"] },
    { sql: "alter type app.order_status add value 'lost'", gives: "silent" },
  ],
};
