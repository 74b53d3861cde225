/** `timestamp-without-time-zone`: a time of day without a place is no moment. */

import { columnAdvice, declaredColumns } from "../review/declared-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const timestampWithoutTimeZone: StatementRule = {
  id: "timestamp-without-time-zone",
  scope: "statement",
  title: "timestamp without time zone does not say which moment it is",
  page: {
    locks: "None of its own.",
    why:
      "now() stored in it becomes the local time of whichever session writes; two sessions with " +
      "two zones store two values for one moment, and an hour of each autumn is there twice. To " +
      "change it to timestamptz later writes the whole table, unless the session's TimeZone is " +
      "UTC.",
    instead: "at timestamptz, which takes no more space and keeps the moment",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = declaredColumns(action, known).filter(({ type }) => type.name === "timestamp");
    return columnAdvice(found, (columns) => ({
      reason: found.length === 1
        ? `${columns} does not say in which zone its time is`
        : `${columns} do not say in which zone their times are`,
      instead: "timestamptz",
    }));
  },
  cases: [
    { sql: "alter table app.orders add column seen_at timestamp", gives: ["advice"] },
    {
      sql: "create table app.notes (id bigint, at timestamp(3) without time zone)",
      gives: ["advice"],
    },
    { sql: "alter table app.orders add column seen_at timestamptz", gives: "silent" },
    { sql: "alter table app.orders add column seen_at timestamp with time zone", gives: "silent" },
  ],
};
