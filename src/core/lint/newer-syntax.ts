/** `newer-syntax`: what the server is too old to take. */

import { newerParts } from "../review/newer-syntax.ts";
import type { StatementRule } from "../review/rule.ts";
import { shownList } from "../review/shown-list.ts";

export const newerSyntax: StatementRule = {
  id: "newer-syntax",
  scope: "statement",
  title: "syntax that the server is too old for",
  page: {
    locks: "None: the server refuses the statement.",
    why:
      "pgmate reads files with the parser of 18, which takes what an older server calls a syntax " +
      "error. Without a database it does not know which server it is for, and says nothing.",
    instead:
      "Write what the oldest server takes that the file is for, or raise that first. For " +
      "alter table t add constraint t_c_not_null not null c not valid, which needs 18:\n" +
      "alter table t add constraint t_c_not_null check (c is not null) not valid;\n" +
      "For a virtual column: generated always as (…) stored, or a view. For MERGE … RETURNING: " +
      "INSERT … ON CONFLICT … RETURNING. For an action of MERGE by source: a DELETE or an UPDATE.",
    since:
      "Since 18: NOT NULL as a constraint of a table (with a name, NOT VALID, NO INHERIT), " +
      "virtual generated columns, ENFORCED and NOT ENFORCED, ALTER CONSTRAINT … INHERIT, WITHOUT " +
      "OVERLAPS and PERIOD, OLD and NEW in RETURNING, VACUUM ONLY and ANALYZE ONLY, LIKE of a " +
      "foreign table, default privileges on large objects, COPY (reject_limit), " +
      "publish_generated_columns.\n" +
      "Since 17: SET EXPRESSION, MERGE … RETURNING, WHEN NOT MATCHED BY SOURCE, JSON_TABLE, " +
      "JSON_VALUE, JSON_QUERY, JSON_EXISTS, JSON_SCALAR and JSON_SERIALIZE, AT LOCAL, NOT NULL " +
      "as a constraint of a domain, SET STATISTICS DEFAULT, SET ACCESS METHOD DEFAULT, USING of " +
      "a partitioned table, COPY (on_error, log_verbosity, force_null *), MAINTAIN, event " +
      "triggers on login, ALTER OPERATOR (hashes, merges, commutator, negator), EXPLAIN (memory, " +
      "serialize), failover of a subscription, builtin_locale, transaction_timeout.\n" +
      "Since 16: a query in FROM without an alias, IS JSON, JSON_OBJECT, JSON_ARRAY and their " +
      "aggregates, STORAGE of a column and SET STORAGE DEFAULT, CREATE STATISTICS without a " +
      "name, GRANT … WITH INHERIT or SET, VACUUM (buffer_usage_limit, process_main, " +
      "skip_database_stats, only_database_stats), COPY (default), REINDEX DATABASE without its " +
      "name, SYSTEM_USER, XMLSERIALIZE … INDENT, EXPLAIN (generic_plan), icu_rules, origin of a " +
      "subscription.\n" +
      "Not seen, since the tree does not tell: numbers such as 1_000 and 0x1F (16), CLUSTER " +
      "(verbose) without a table (17), ENFORCED of a constraint of a table (18). Nor are " +
      "functions and parameters that are new, or what is in a text: the body of a function, DO.",
  },
  judge: (action, { schema, serverMajor }) => {
    if (serverMajor === undefined) return undefined;
    const parts = newerParts(action).filter(({ since, ownName }) =>
      since > serverMajor && !(ownName !== undefined && schema.isOwnFunction(ownName)),
    );
    if (parts.length === 0) return undefined;
    const needed = Math.max(...parts.map(({ since }) => since));
    const what = shownList(parts.map((one) => one.what));
    return {
      classes: ["error"],
      reason: `PostgreSQL ${serverMajor} does not take ${what}: it needs ${needed}`,
      instead: `write it as ${serverMajor} takes it, or go to ${needed} first`,
      subjects: [],
    };
  },
  cases: [
    { sql: "alter table app.orders add constraint n not null note", gives: "silent", from: 18 },
    { sql: "alter table app.orders add check (quantity > 0) not valid", gives: "silent" },
    { sql: "create table app.made (id integer not null, note text)", gives: "silent" },
    {
      sql: "alter table app.orders alter column note set statistics default",
      gives: "silent",
      from: 17,
    },
    { sql: "select * from (select 1)", gives: "silent", from: 16 },
  ],
};
