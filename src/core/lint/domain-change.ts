/** `domain-change`: what ALTER DOMAIN does without a look at any table. */

import { domainUsers } from "../review/domain-users.ts";
import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const domainChange: StatementRule = {
  id: "domain-change",
  scope: "statement",
  title: "ALTER DOMAIN: default, DROP and NOT VALID constraints are a word in the catalog",
  page: {
    locks: "None on tables. Nothing is read.",
    why:
      "NOT VALID holds for every value that is written from now on: code that writes others is " +
      "refused. A default that is dropped leaves out columns that had none of their own; where " +
      "they are NOT NULL, INSERTs without them fail. Without NOT NULL code meets nulls.",
    instead: "Deploy code that keeps the new rule before, and code that bears nulls as well.",
    since: "all versions",
  },
  judge: (action, { schema }) => {
    const alter = bodyOf(action, "AlterDomainStmt");
    const rename = bodyOf(action, "RenameStmt");
    if (rename?.renameType === "OBJECT_DOMCONSTRAINT") {
      return { classes: ["safe"], reason: "only the constraint's name changes", subjects: [] };
    }
    if (alter === undefined) return undefined;
    const { domain } = domainUsers(schema, alter);
    const isPutOff = alter.def !== undefined && "Constraint" in alter.def &&
      alter.def.Constraint.skip_validation === true;
    const says = (reason: string) => ({ classes: ["safe"], reason, subjects: [] }) as const;
    // The parser gives the letter of the server's own source, whatever the types promise.
    const does: string = alter.subtype ?? "";
    switch (does) {
      case "T":
        return says(`columns of ${domain} without a default of their own get another, or none`);
      case "N":
        return says(`columns of ${domain} may hold nulls, which code that reads them must bear`);
      case "X":
        return says(`columns of ${domain} may hold what was refused before`);
      case "C":
        return isPutOff ? says(`new values of ${domain} are checked, old ones are not`) : undefined;
      default:
        return undefined;
    }
  },
  cases: [
    { sql: "alter domain app.positive set default 1", gives: ["safe"] },
    { sql: "alter domain app.positive drop default", gives: ["safe"] },
    { sql: "alter domain app.positive drop not null", gives: ["safe"] },
    { sql: "alter domain app.positive drop constraint positive_check", gives: ["safe"] },
    { sql: "alter domain app.positive rename constraint positive_check to p", gives: ["safe"] },
    { sql: "alter domain app.positive add check (value < 9) not valid", gives: ["safe"] },
    { sql: "alter domain app.positive add check (value < 1000000)", gives: "silent" },
  ],
};
