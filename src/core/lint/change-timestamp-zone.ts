/** `change-timestamp-zone`: timestamp to timestamptz and back depends on the session's TimeZone. */

import { changedType } from "../review/changed-type.ts";
import { columnRewrite, keptColumn } from "../review/column-rewrite.ts";
import type { StatementRule } from "../review/rule.ts";
import { isUtc } from "../review/time-zone.ts";

export const changeTimestampZone: StatementRule = {
  id: "change-timestamp-zone",
  scope: "statement",
  title: "timestamp to timestamptz rewrites the table unless TimeZone is UTC",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and its partitions. Where the session's TimeZone is UTC, or " +
      "another name of it, the rows stay as they are and only the column's indexes are built " +
      "again; with any other zone the table and all of its indexes are written anew.",
    why:
      "The change moves each value by the offset of the session's TimeZone, and only with UTC it " +
      "can be seen that this is none. So the same file is quick on one machine, and writes the " +
      "table on another. A reading of files alone cannot know the zone.",
    instead:
      "If the values are in UTC:\n" +
      "set local timezone = 'UTC';\n" +
      "alter table t alter column at type timestamptz;\n" +
      "USING at AT TIME ZONE 'UTC' says the same, but rewrites the table.",
    since: "12",
  },
  judge: (action, known) => {
    const changed = changedType(action, known);
    if (changed === undefined || changed.change.kind !== "zone") return undefined;
    const { shown, table } = changed;
    const { timeZone } = known;
    if (timeZone === undefined || !isUtc(timeZone)) {
      const { stored: _stored, ...effects } = columnRewrite(changed, known);
      return {
        classes: ["risky"],
        reason:
          timeZone === undefined
            ? `${shown}: unless the session's TimeZone is UTC, ${table.name} is rewritten while ` +
              "nobody can read or write it"
            : `${shown}: with the TimeZone ${timeZone}, ${table.name} is rewritten while nobody ` +
              "can read or write it",
        instead: "set local timezone = 'UTC' before it, if that is the zone of the values",
        subjects: [table.name],
        ...effects,
      };
    }
    const { again, ...effects } = keptColumn(changed, known, "rebuilt");
    const read = `${table.name} is read while nobody can use it, because of ${again.join(", ")}`;
    const kept = `with the TimeZone ${timeZone} the rows of ${table.name} stay as they are`;
    return {
      classes: again.length === 0 ? ["safe"] : ["risky"],
      reason: `${shown}: ${again.length === 0 ? kept : read}`,
      ...(again.length === 0
        ? {}
        : { instead: "drop the index concurrently first, and create it again concurrently" }),
      subjects: [table.name],
      ...effects,
    };
  },
  cases: [
    {
      sql: "alter table app.orders alter column placed_at type timestamptz",
      gives: ["safe"],
      givesFromFiles: ["risky"],
    },
    {
      sql: "alter table app.orders alter column created_at type timestamp using created_at",
      gives: ["safe"],
      givesFromFiles: ["risky"],
    },
    {
      sql: "alter table app.orders alter column placed_at type timestamptz",
      gives: ["safe"],
      givesFromFiles: ["risky"],
      timeZone: "Etc/GMT",
    },
    {
      sql: "alter table app.orders alter column placed_at type timestamptz",
      gives: ["risky"],
      timeZone: "Europe/Berlin",
    },
    {
      sql: "alter table app.orders alter column created_at type timestamp",
      gives: ["risky"],
      timeZone: "Africa/Abidjan",
    },
    {
      before: "create index on app.orders (placed_at)",
      sql: "alter table app.orders alter column placed_at type timestamptz",
      gives: ["risky"],
    },
    {
      sql:
        "alter table app.orders alter column placed_at type timestamptz " +
        "using placed_at at time zone 'UTC'",
      gives: "silent",
    },
  ],
};
