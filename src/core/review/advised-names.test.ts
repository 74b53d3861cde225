/** What is advised as SQL means the names of the file, capitals and blanks too. */

import { beforeAll, expect, test } from "bun:test";
import { parseSync } from "libpg-query";
import { loadReview, reviewed } from "../../testing/reviewed.ts";
import { pair } from "../../testing/trial.ts";
import { allFindings } from "./review.ts";

beforeAll(loadReview);

const tables =
  'create table "Buyers" ("Buyer Id" bigint primary key);\n' +
  'create table "Sales" ("Buyer Id" bigint);';

/** What stands for a name that the author has to choose. */
const chosen = "chosen";

function advised(sql: string, rule: string): string {
  const review = reviewed({
    "1_a.sql": pair(tables, 'drop table "Sales"; drop table "Buyers";'),
    "2_b.sql": pair(sql, "select 1;"),
  });
  const advice = allFindings(review).find((one) => one.rule === rule)?.instead;
  return (advice ?? "").replaceAll("…", chosen);
}

const texts = [
  [
    'alter table "Sales" add constraint "To Buyer" foreign key ("Buyer Id") references "Buyers"',
    "add-foreign-key", /alter table .* not valid/, ["Sales", "To Buyer", "Buyer Id", "Buyers"],
  ],
  [
    'alter table "Sales" add constraint "To Buyer" foreign key ("Buyer Id") references "Buyers"',
    "add-foreign-key", /alter table [^;]* validate .*/, ["Sales", "To Buyer"],
  ],
  [
    'alter table "Sales" add constraint "One" unique ("Buyer Id")',
    "add-unique", /create .*?\)/, ["Sales", "Buyer Id"],
  ],
  [
    'alter table "Sales" add foreign key ("Buyer Id") references "Buyers"',
    "foreign-key-without-index", /create .*?\)/, ["Sales", "Buyer Id"],
  ],
  [
    'alter table "Sales" alter column "Buyer Id" set not null',
    "set-not-null", /add constraint .* not valid/, ["Buyer Id"],
  ],
] as const;

test.each(texts)("%s: %s, %s", (sql, rule, part, named) => {
  const [found = "?"] = part.exec(advised(sql, rule)) ?? [];
  const whole = found.startsWith("add ") ? `alter table t ${found}` : found;
  const tree = JSON.stringify(parseSync(whole));
  for (const name of named) expect(tree).toContain(`"${name}"`);
});
