/** `validate-in-same-transaction`: NOT VALID saves nothing where VALIDATE follows at once. */

import { actionsOf } from "../review/action.ts";
import type { JudgedStatement, SectionJudgement, SectionRule } from "../review/rule.ts";

export const validateInSameTransaction: SectionRule = {
  id: "validate-in-same-transaction",
  scope: "section",
  title: "NOT VALID and VALIDATE in one transaction: the strong lock is held through the scan",
  page: {
    locks:
      "ADD CONSTRAINT … NOT VALID takes ACCESS EXCLUSIVE (a foreign key: SHARE ROW EXCLUSIVE on " +
      "both tables) and holds it to the end of the transaction, the scan of VALIDATE included.",
    why: "It is as if the constraint had been added valid at once: all others wait for the scan.",
    instead:
      "Two files: one adds the constraint NOT VALID, the next one, newer, validates it. A " +
      "transaction:false section does it too, since each of its statements commits by itself.",
    since: "all versions",
  },
  judge: ({ section, statements }) => {
    if (!section.transactional) return [];
    const added = new Set<string>();
    return statements.flatMap((one): readonly SectionJudgement[] => {
      const found = constraints(one, "AT_ValidateConstraint").filter((name) => added.has(name));
      // Of a table that is new in the batch there are no locks to speak of.
      if (one.locks.length > 0) {
        for (const name of constraints(one, "AT_AddConstraint")) added.add(name);
      }
      if (found.length === 0) return [];
      return [{
        statement: one,
        classes: ["risky"],
        reason:
          `${found.join(", ")} ${found.length === 1 ? "was" : "were"} added in this transaction, ` +
          "whose lock is still held",
        instead: "validate it in a file of its own, behind this one",
      }];
    });
  },
  cases: [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\nalter table t add constraint c check (a > 0) not valid;\n" +
          "alter table t validate constraint c;\n-- migrate:down\n",
      },
      gives: ["risky"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up transaction:false\n" +
          "alter table t add constraint c check (a > 0) not valid;\n" +
          "alter table t validate constraint c;\n-- migrate:down\n",
      },
      gives: [],
    },
  ],
};

/** Table and constraint, as this statement names them. */
function constraints(
  { source: { tree } }: JudgedStatement,
  subtype: "AT_AddConstraint" | "AT_ValidateConstraint",
): readonly string[] {
  return (tree === undefined ? [] : actionsOf(tree)).flatMap((action) => {
    if (action.kind !== "alter-table" || action.command.subtype !== subtype) return [];
    const { def, name } = action.command;
    const added = def !== undefined && "Constraint" in def ? def.Constraint : undefined;
    if (subtype === "AT_AddConstraint" && added?.skip_validation !== true) return [];
    return `${action.table.relname ?? ""}.${added?.conname ?? name ?? ""}`;
  });
}
