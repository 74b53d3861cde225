/** The files of the sample review: a risky, a breaking and a safe one. */

import type { ReviewedFile, ReviewedStatement } from "../core/review/review.ts";
import {
  finding, lock, measured, sampleControls, sampleMarkup, sampleSecret, statement,
} from "./review-pieces.ts";

function fileAt(version: string, words: string) {
  const name = `${version}_${words.replaceAll(" ", "_")}.sql`;
  return { version, description: words, name, path: `db/migrations/${name}` };
}

const first = fileAt("20260301090000", "orders note");
const second = fileAt("20260302100000", "drop legacy orders");
const third = fileAt("20260303110000", "été | `index` <b> #1 @team");

function placed(path: string, line: number) {
  return { path, offset: line * 10, line };
}

export function riskyFile(): ReviewedFile {
  return {
    file: first,
    direction: "up",
    transactional: true,
    verdict: "risky",
    findings: [
      finding("locks-held-together", {
        classes: ["error"],
        reason: "the check is added and validated in one transaction, which holds its lock " +
          "through the whole scan",
        instead: "put validate constraint into a file of its own",
        place: placed(first.path, 2),
      }),
    ],
    statements: [setNotNull(), createIndex(), createTable(), longInsert(), createRole()],
  };
}

function setNotNull(): ReviewedStatement {
  return statement(2, "alter table app.orders\n  alter column note set not null", {
    verdict: "risky",
    locks: [lock("app.orders")],
    scans: ["app.orders"],
    findings: [
      finding("set-not-null", {
        reason: "every row of app.orders is read while nobody can read or write it",
        instead: "add constraint … check (note is not null) not valid, then validate " +
          "constraint, then set not null: three files",
        place: placed(first.path, 3),
      }),
    ],
    undo: { undone: "yes", why: "line 31 drops not null again", loses: [] },
    measured: measured(812.4, { locks: [lock("app.orders")], scans: ["app.orders"] }),
  });
}

function createIndex(): ReviewedStatement {
  return statement(5, "create index orders_placed_at on app.orders (placed_at)", {
    locks: [lock("app.orders", "SHARE")],
    scans: ["app.orders"],
    findings: [
      finding("create-index", {
        reason: "nobody can write to app.orders while the index is built",
        instead: "create index concurrently orders_placed_at on app.orders (placed_at);",
        place: placed(first.path, 5),
        dismissed: { kind: "ignored", reason: "the shop is closed at night" },
      }),
    ],
    undo: { undone: "yes", why: "line 32 drops the index", loses: [] },
    measured: measured(96.1, { locks: [lock("app.orders", "SHARE")], scans: ["app.orders"] }),
  });
}

function createTable(): ReviewedStatement {
  const sql = "create table app.notes (\n" +
    "  id serial primary key, -- grows\n" +
    "  order_id bigint not null references app.orders (id),\n" +
    "  body text default 'it''s <b>bold</b> & new',\n" +
    "  \"Weird \"\"name\"\"\" numeric(10, 2) check (\"Weird \"\"name\"\"\" > 0)\n)";
  return statement(8, sql, {
    locks: [lock("app.orders", "SHARE ROW EXCLUSIVE")],
    findings: [
      finding("create-table-foreign-key", {
        classes: ["safe"],
        reason: "writes to app.orders wait for a moment while app.notes refers to it",
        place: placed(first.path, 8),
      }),
      finding("prefer-bigint", {
        classes: ["advice"],
        reason: "app.notes.id is full after 2,147,483,647 rows",
        instead: "id bigint generated always as identity",
        place: placed(first.path, 9),
      }),
    ],
    undo: { undone: "yes", why: "line 33 drops app.notes", loses: ["the rows of app.notes"] },
    measured: measured(4.2, { locks: [lock("app.orders", "SHARE ROW EXCLUSIVE")] }),
  });
}

/** 5,000 lines, and one of 4,000 characters. */
function longInsert(): ReviewedStatement {
  const rows = Array.from({ length: 4_998 }, (_, index) => `  (${index}, 'row ${index}'),`);
  const widest = `  (-1, '${"wide ".repeat(800)}')`;
  return statement(15, ["insert into app.notes values", ...rows, widest].join("\n"), {
    command: "INSERT",
    undo: { undone: "nothing-to-undo", why: "the table itself goes", loses: [] },
    measured: measured(310),
  });
}

function createRole(): ReviewedStatement {
  const line = 5016;
  return statement(line, `create role reports login password '${sampleSecret}'`, {
    findings: [
      finding("role-in-migration", {
        reason: `roles belong to the cluster: password '${sampleSecret}' is one of all ` +
          `databases ${sampleMarkup} ${sampleControls}`,
        instead: `create role reports;\n-- elsewhere\nalter role reports password '${
          sampleSecret}';`,
        place: placed(first.path, line),
        dismissed: { kind: "allowed" },
      }),
    ],
    undo: {
      undone: "cannot-tell", why: `password '${sampleSecret}' is not for files`, loses: [],
    },
    measured: measured(1.2),
  });
}

/** As long as a name can be, twice. */
const longName = `app.${"orders_of_a_customer_".repeat(6)}`;

export function breakingFile(): ReviewedFile {
  const dropTable = statement(2, "drop table app.legacy_orders cascade", {
    verdict: "breaking",
    locks: [lock("app.legacy_orders"), lock("app.customers"), lock(longName)],
    loses: ["the rows of app.legacy_orders"],
    findings: [
      finding("drop-table", {
        classes: ["breaking"],
        reason: "code that reads or writes app.legacy_orders fails; app.customers, to which it " +
          "refers, is locked too",
        instead: "deploy code that does not use it first, then drop its foreign keys one at a " +
          "time, then the table",
        place: placed(second.path, 2),
      }),
      finding("drop-cascade", {
        classes: ["breaking"],
        reason: "CASCADE takes the view app.legacy_report with it",
        instead: "drop view app.legacy_report;\ndrop table app.legacy_orders;",
        place: placed(second.path, 2),
      }),
    ],
    undo: {
      undone: "no", why: "the down section makes the table again, but empty",
      loses: ["the rows of app.legacy_orders"],
    },
    measured: measured(23, {
      locks: [lock("app.legacy_orders"), lock("app.customers"), lock(longName)],
    }),
  });
  const retype = statement(6, "alter table app.orders alter legacy_id type bigint", {
    verdict: "breaking",
    locks: [lock("app.orders")],
    rewrites: ["app.orders", "app.orders_pkey"],
    scans: ["app.orders"],
    findings: [
      finding("change-type", {
        classes: ["risky", "breaking"],
        reason: "app.orders and all its indexes are written anew while nobody can read or write " +
          "it; prepared statements of running code fail",
        place: placed(second.path, 6),
      }),
    ],
    undo: { undone: "no", why: "no statement of the down section alters it", loses: [] },
    measured: measured(65_250, {
      locks: [lock("app.orders")], rewrites: ["app.orders", "app.orders_pkey"],
      scans: ["app.orders"],
    }),
  });
  return {
    file: second, direction: "up", transactional: true, verdict: "breaking", findings: [],
    statements: [dropTable, retype],
  };
}

export function safeFile(): ReviewedFile {
  return {
    file: third,
    direction: "up",
    transactional: false,
    verdict: "safe",
    findings: [],
    statements: [
      statement(2, "create index concurrently orders_note on app.orders (note)", {
        command: "CREATE INDEX CONCURRENTLY",
        locks: [lock("app.orders", "SHARE UPDATE EXCLUSIVE")],
        scans: ["app.orders"],
        undo: { undone: "yes", why: "line 9 drops the index", loses: [] },
        measured: measured(130, { sawLocks: false, scans: ["app.orders"] }),
      }),
      statement(4, "comment on table app.notes is 'ملاحظات'", { command: "COMMENT" }),
    ],
  };
}
