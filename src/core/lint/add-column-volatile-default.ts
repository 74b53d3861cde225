/** `add-column-volatile-default`: each row gets a value of its own, so each row is written. */

import { type AddedColumn, columnWith } from "../review/added-column.ts";
import { batchLoop, batchLoopIntroduction } from "../review/batch-loop.ts";
import type { StatementRule } from "../review/rule.ts";

export const addColumnVolatileDefault: StatementRule = {
  id: "add-column-volatile-default",
  scope: "statement",
  title: "ADD COLUMN with a default that differs from row to row rewrites the table",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions, while the table and all of its indexes " +
      "are written anew.",
    why:
      "Reads and writes wait until everything is written, which takes as long as the table is " +
      "large, and needs its space twice. clock_timestamp(), random(), gen_random_uuid() and " +
      "nextval() are such defaults; now() and current_timestamp are not. A function that nothing " +
      "is known of is taken for one. A volatile function in LANGUAGE sql whose body comes to a " +
      "constant is folded by Postgres and rewrites nothing: the rule says that it does.",
    instead:
      "Three steps, of which only the first two lock, for a moment:\n" +
      "alter table t add column c uuid;\n" +
      "alter table t alter column c set default gen_random_uuid();\n" +
      "then fill the rows that are there " +
      `${batchLoopIntroduction}${batchLoop("c", "gen_random_uuid()")}`,
    since: "all versions; before 11 any default did it",
  },
  judge: (action, known) => {
    const added = columnWith("volatile-default", action, known);
    if (added === undefined) return undefined;
    const { table, name, stored, locks } = added;
    return {
      classes: ["risky"],
      reason: `${table.name} is rewritten while nobody can read or write it, ${why(added)}`,
      instead:
        `add ${name} without a default, then alter column ${name} set default …, then fill the ` +
        "rows that are there in a loop that commits, in a file of its own, transaction:false",
      subjects: [table.name],
      growsWith: stored,
      locks,
      rewrites: stored,
      scans: stored,
    };
  },
  cases: [
    {
      sql: "alter table app.orders add column key uuid default gen_random_uuid()",
      gives: ["risky"],
    },
    {
      sql: "alter table app.orders add column at timestamptz default clock_timestamp()",
      gives: ["risky"],
    },
    {
      sql: "alter table app.orders add column luck integer default (random() * 10)::integer",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.orders add column ticket bigint not null " +
        "default nextval('app.ticket_numbers')",
      gives: ["risky"],
    },
    {
      before:
        "create function app.next_number() returns integer language plpgsql volatile " +
        "as 'begin return 1; end'",
      sql: "alter table app.events add column number integer default app.next_number()",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.archive add column key uuid not null default gen_random_uuid() unique",
      gives: ["risky"],
    },
    {
      before: "create domain app.key as uuid default gen_random_uuid()",
      sql: "alter table app.archive add column key app.key",
      gives: ["risky"],
    },
    {
      before: "create domain app.key as uuid default gen_random_uuid()",
      sql: "alter table app.archive add column key app.key default null",
      gives: "silent",
    },
    { sql: "alter table app.orders add column at timestamptz default now()", gives: "silent" },
    {
      sql: "alter table app.orders add if not exists note text default random()::text",
      gives: "silent",
    },
  ],
};

function why({ functions, domain }: AddedColumn): string {
  const [sure] = functions.volatile;
  const [maybe] = functions.unknown;
  if (sure !== undefined) return `since ${sure}() gives each row another value`;
  if (maybe !== undefined) {
    return `if ${maybe}() gives each row another value, which cannot be seen here`;
  }
  return `since the default of the domain ${domain?.name ?? ""} gives each row another value`;
}
