/** `json-column`: json has no equality, jsonb has. */

import { columnAdvice, declaredColumns } from "../review/declared-column.ts";
import type { StatementRule } from "../review/rule.ts";

export const jsonColumn: StatementRule = {
  id: "json-column",
  scope: "statement",
  title: "a json column cannot be compared: DISTINCT and GROUP BY fail",
  page: {
    locks: "None of its own.",
    why:
      "json has no equality: select distinct, group by, union and unique fail on it (could not " +
      "identify an equality operator for type json), and no index serves a search in it. It is " +
      "parsed again at each use. To change it to jsonb later writes the whole table.",
    instead: "payload jsonb. json only where the text must stay as it came, blanks and order too.",
    since: "all versions",
  },
  judge: (action, known) => {
    const found = declaredColumns(action, known).filter(({ type }) => type.name === "json");
    return columnAdvice(found, (columns) => ({
      reason: `${columns} of type json cannot be compared, so distinct and group by fail`,
      instead: "jsonb",
    }));
  },
  cases: [
    { sql: "alter table app.orders add column more json", gives: ["advice"] },
    { sql: "create table app.notes (id bigint primary key, body json)", gives: ["advice"] },
    { sql: "alter table app.orders alter column details type json", gives: ["advice"] },
    { sql: "alter table app.orders add column more jsonb", gives: "silent" },
    { sql: "alter table app.orders add if not exists payload json", gives: "silent" },
  ],
};
