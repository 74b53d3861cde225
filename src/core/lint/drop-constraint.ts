/** `drop-constraint`: what a constraint forbade may come in, and what leaned on it fails. */

import { dependents } from "../review/key-dependents.ts";
import { namedConstraint, shownKind } from "../review/named-constraint.ts";
import type { Judgement, Known, StatementRule } from "../review/rule.ts";
import type { Constraint } from "../review/schema-facts.ts";
import { sameLocks, tableFamily } from "../review/table-locks.ts";

export const dropConstraint: StatementRule = {
  id: "drop-constraint",
  scope: "statement",
  title: "DROP CONSTRAINT changes the catalog only, but code may lean on a key",
  page: {
    locks:
      "ACCESS EXCLUSIVE on the table and all its partitions, for an instant; nothing is read. " +
      "With CASCADE also on the tables whose foreign keys go with it. For a foreign key itself, " +
      "see drop-foreign-key.",
    why:
      "With a unique constraint, a primary key or an exclusion constraint its index goes: " +
      "upserts fail (no unique or exclusion constraint matching the ON CONFLICT specification), " +
      "and queries lose the index. Without NOT NULL, code may read a null that it does not " +
      "expect. A key that foreign keys refer to is not dropped without CASCADE.",
    instead:
      "First a version of the code that needs neither the key nor its index, then:\n" +
      "alter table t drop constraint t_c_key;\n" +
      "What refers to a key is listed by:\n" +
      "select conrelid::regclass, conname from pg_constraint where confrelid = 't'::regclass;",
    since: "all versions; NOT NULL has a name that can be dropped since 18",
  },
  judge: (action, known) => {
    if (action.kind !== "alter-table" || action.command.subtype !== "AT_DropConstraint") {
      return undefined;
    }
    const { command } = action;
    const { schema, source } = known;
    const table = schema.relation(action.table);
    const wanted = command.name ?? "";
    const constraint = namedConstraint(known, table.name, wanted);
    if (constraint?.kind === "foreign-key") return undefined;
    const base = { subjects: [table.name] };
    if (constraint !== undefined) {
      const behavior = command.behavior === "DROP_CASCADE" ? "cascade" : "restrict";
      return judged(known, { table: table.name, constraint, behavior });
    }
    if (source === "database" && command.missing_ok === true && schema.isKnown(table.name)) {
      return {
        ...base,
        classes: ["safe"],
        reason: `${table.name} has no constraint ${wanted}: nothing is dropped`,
        locks: [{ relation: table.name, mode: "ACCESS EXCLUSIVE" }],
      };
    }
    return {
      ...base,
      classes: ["risky", "breaking"],
      reason:
        `what ${wanted} of ${table.name} is cannot be told: a foreign key locks another table as ` +
        "well, and without a key upserts fail",
      locks: sameLocks(tableFamily(schema, table.name), "ACCESS EXCLUSIVE"),
    };
  },
  cases: [
    { sql: "alter table app.orders drop constraint orders_quantity_check", gives: ["safe"] },
    {
      before: "alter table app.events add constraint c check (id > 0)",
      sql: "alter table app.events drop constraint c",
      gives: ["safe"],
    },
    { sql: "alter table app.lines drop constraint lines_pkey", gives: ["breaking"] },
    {
      before: "alter table app.archive add constraint u unique using index archive_id_idx",
      sql: "alter table app.archive drop constraint u",
      gives: ["breaking"],
    },
    {
      before: "alter table app.events add constraint u unique (id, at)",
      sql: "alter table app.events drop constraint u",
      gives: ["breaking"],
    },
    {
      before: "alter table app.archive add constraint x exclude using gist (kept with &&)",
      sql: "alter table app.archive drop constraint x",
      gives: ["breaking"],
    },
    {
      sql: "alter table app.orders drop constraint orders_pkey",
      gives: ["error"],
      fails: true,
    },
    { sql: "alter table app.orders drop constraint orders_pkey cascade", gives: ["breaking"] },
    {
      before: "alter table app.customers add constraint named unique (name)",
      sql: "alter table app.customers drop constraint customers_pkey",
      gives: ["error"],
      fails: true,
    },
    {
      before: "alter table app.customers add constraint named unique (name)",
      sql: "alter table app.customers drop constraint named cascade",
      gives: ["breaking"],
    },
    {
      before:
        "alter table app.customers add constraint named unique (name), add column boss text; " +
        "alter table app.customers add foreign key (boss) references app.customers (name)",
      sql: "alter table app.customers drop constraint named",
      gives: ["error"],
      fails: true,
    },
    {
      sql: "alter table app.orders drop constraint orders_secret_not_null",
      gives: ["breaking"],
      from: 18,
    },
    {
      before: "alter table app.orders add constraint n not null note",
      sql: "alter table app.orders drop constraint n",
      gives: ["breaking"],
      from: 18,
    },
    {
      sql: "alter table app.orders drop constraint if exists nothing",
      gives: ["safe"],
      givesFromFiles: ["risky", "breaking"],
    },
    { sql: "alter table app.lines drop constraint lines_order_id_fkey", gives: "silent" },
  ],
};

interface Drop {
  readonly table: string;
  readonly constraint: Constraint;
  readonly behavior: "restrict" | "cascade";
}

function judged({ schema }: Known, { table, constraint, behavior }: Drop): Judgement {
  const { name, kind, columns } = constraint;
  const subjects = [table];
  const locks = sameLocks(tableFamily(schema, table), "ACCESS EXCLUSIVE");
  if (kind === "check") {
    const reason = `rows of ${table} are no longer held to ${name}: no row is read`;
    return { classes: ["safe"], reason, subjects, locks };
  }
  if (kind === "not-null") {
    const reason = `code that reads ${table}.${columns.join(", ")} may find a null`;
    return { classes: ["breaking"], reason, subjects, locks };
  }
  const shown = `the ${shownKind(constraint)} ${name} of ${table}`;
  const { certain, possible } = dependents(schema, table, constraint);
  if (behavior === "restrict" && certain.length > 0) {
    return {
      classes: ["error"],
      reason: `foreign keys of ${certain.join(", ")} refer to ${shown}, and must go before it`,
      instead: "drop the foreign keys first, each in a file of its own",
      subjects,
    };
  }
  const gone = behavior === "cascade" ? [...certain, ...possible] : [];
  const taken = gone.length === 0 ? "" : `; foreign keys of ${gone.join(", ")} go with it`;
  return {
    classes: ["breaking"],
    reason: `on conflict fails, and queries lose the index, without ${shown}${taken}`,
    subjects: [...subjects, ...gone],
    locks: [
      ...locks,
      ...sameLocks(gone.flatMap((one) => tableFamily(schema, one)), "ACCESS EXCLUSIVE"),
    ],
  };
}
