/** `domain-check`: a new rule of a domain is checked on all tables that use the domain. */

import type { AlterDomainStmt } from "libpg-query";
import { domainUsers } from "../review/domain-users.ts";
import type { StatementRule } from "../review/rule.ts";
import { shownList } from "../review/shown-list.ts";
import { bodyOf } from "../review/statement-node.ts";
import { sameLocks } from "../review/table-locks.ts";

export const domainCheck: StatementRule = {
  id: "domain-check",
  scope: "statement",
  title:
    "ALTER DOMAIN … ADD CHECK, SET NOT NULL and VALIDATE read every table that uses the domain",
  page: {
    locks:
      "SHARE on every table and materialized view with a column of the domain, which are read " +
      "from end to end. VALIDATE CONSTRAINT takes the same lock and the same scan: NOT VALID " +
      "puts them off, it does not spare them. Of domains over the domain pgmate sees nothing.",
    why:
      "Writes of all those tables wait until the last one has been read, and a value that breaks " +
      "the rule makes the statement fail. Where a column is an array of the domain it is refused.",
    instead:
      "alter domain d add constraint c check (…) not valid; -- new values are checked at once\n" +
      "and VALIDATE in a quiet hour, or never. Where the tables are large, a constraint of each " +
      "table can be validated without stopping writes:\n" +
      "alter table t add constraint c check (…) not valid;\nalter table t validate constraint c;",
    since: "all versions; ADD NOT NULL as a constraint since 17",
  },
  judge: (action, { schema, source }) => {
    const alter = bodyOf(action, "AlterDomainStmt");
    if (alter === undefined || !readsTables(alter)) return undefined;
    const { domain, tables, arrays, isKnown } = domainUsers(schema, alter);
    if (arrays.length > 0) {
      return {
        classes: ["error"],
        reason: `it is refused, since ${shownList(arrays)} ` +
          `${arrays.length === 1 ? "has" : "have"} an array of ${domain}`,
        instead: "add it as not valid, which holds for new values",
        subjects: [],
      };
    }
    const isUnused = tables.length === 0 && (isKnown || source === "database");
    if (isUnused) {
      return { classes: ["safe"], reason: `no table holds values of ${domain}`, subjects: [] };
    }
    const list = tables.length === 0 ? `every table that uses ${domain}` : shownList(tables);
    return {
      classes: ["risky"],
      reason: `every row of ${list} is read while nobody can write to it`,
      instead:
        // The parser gives the letter of the server's own source, whatever the types promise.
        String(alter.subtype) === "V"
          ? "a check of each table instead can be validated without stopping writes"
          : "add it as not valid, and validate it in a quiet hour",
      subjects: tables,
      growsWith: tables,
      locks: sameLocks(tables, "SHARE"),
      scans: tables,
    };
  },
  cases: [
    { sql: "alter domain app.positive add check (value < 1000000)", gives: ["risky"] },
    { sql: "alter domain app.positive set not null", gives: ["risky"] },
    { sql: "alter domain depot.rating validate constraint rating_check", gives: ["risky"] },
    { sql: "alter domain depot.tag set not null", gives: ["error"], fails: true },
    { sql: "alter domain app.positive add constraint c not null", gives: ["risky"], from: 17 },
    { sql: "alter domain app.label add check (value <> '')", gives: ["safe"] },
    { sql: "alter domain app.positive add check (value < 9) not valid", gives: "silent" },
    { sql: "alter domain app.positive drop not null", gives: "silent" },
  ],
};

/** T, N, O, C, X and V are DEFAULT, DROP NOT NULL, SET NOT NULL, ADD, DROP and VALIDATE. */
function readsTables({ subtype, def }: AlterDomainStmt): boolean {
  const does: string = subtype ?? "";
  const isPutOff =
    def !== undefined && "Constraint" in def && def.Constraint.skip_validation === true;
  return does === "O" || does === "V" || (does === "C" && !isPutOff);
}
