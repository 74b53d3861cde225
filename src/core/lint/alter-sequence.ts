/** `alter-sequence`: ALTER SEQUENCE lets nextval() wait until the commit. */

import type { Action } from "../review/action.ts";
import type { Judgement, Known, StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const alterSequence: StatementRule = {
  id: "alter-sequence",
  scope: "statement",
  title: "ALTER SEQUENCE lets every INSERT that needs a number wait until the commit",
  page: {
    locks:
      "SHARE ROW EXCLUSIVE on the sequence, which gets a new file of one page; OWNED BY alone " +
      "takes the lock and writes nothing. SET LOGGED and UNLOGGED take ACCESS EXCLUSIVE.",
    why:
      "nextval() waits for as long as the transaction goes on. RESTART and a smaller start give " +
      "numbers out again that rows have already: INSERTs fail on the key. CACHE and INCREMENT " +
      "change what running sessions may leave out.",
    instead:
      "To move a sequence on, select setval('s', 1000) does not wait for, nor stop, nextval(). " +
      "Else keep it the last statement of its file, so that the lock is held for a moment.",
    since: "as a change that is rolled back since 10; SET LOGGED since 15",
  },
  judge: (action, known) => options(action, known) ?? persistence(action, known),
  cases: [
    { sql: "alter sequence app.ticket_numbers increment by 2", gives: ["risky"] },
    { sql: "alter sequence app.ticket_numbers restart with 5", gives: ["risky"] },
    { sql: "alter sequence app.orders_id_seq owned by none", gives: ["safe"], fails: true },
    { sql: "alter sequence depot.numbered_id_seq cache 10", gives: ["risky"] },
    { sql: "alter sequence app.ticket_numbers owned by app.orders.id", gives: ["safe"] },
    { sql: "alter sequence app.ticket_numbers owned by none restart", gives: ["risky"] },
    { sql: "alter sequence app.ticket_numbers set unlogged", gives: ["risky"] },
    {
      sql: "alter sequence if exists app.nothing restart",
      gives: ["safe"],
      givesFromFiles: ["risky"],
    },
    { sql: "alter sequence app.ticket_numbers rename to numbers", gives: "silent" },
  ],
};

function options(action: Action, { schema, source }: Known): Judgement | undefined {
  const alter = bodyOf(action, "AlterSeqStmt");
  if (alter === undefined) return undefined;
  const { name } = schema.relation(alter.sequence ?? {});
  if (alter.missing_ok === true && source === "database" && !schema.isKnown(name)) {
    return { classes: ["safe"], reason: `${name} is not there: nothing happens`, subjects: [] };
  }
  const words = (alter.options ?? []).flatMap((node) =>
    "DefElem" in node ? (node.DefElem.defname ?? "") : [],
  );
  const isOwner = words.every((word) => word === "owned_by");
  const restarts = words.includes("restart");
  return {
    classes: [isOwner ? "safe" : "risky"],
    reason: isOwner
      ? `${name} goes with another table, or with none`
      : restarts
        ? `numbers of ${name} are given out again, and whoever needs one waits until the commit`
        : `whoever needs a number of ${name} waits until the commit`,
    ...(isOwner ? {} : { instead: "select setval(…) moves it on without letting others wait" }),
    subjects: [name],
    locks: [{ relation: name, mode: "SHARE ROW EXCLUSIVE" }],
    rewrites: isOwner ? [] : [name],
  };
}

function persistence(action: Action, { schema }: Known): Judgement | undefined {
  if (action.kind !== "alter-table") return undefined;
  const { subtype } = action.command;
  if (subtype !== "AT_SetLogged" && subtype !== "AT_SetUnLogged") return undefined;
  const { name, kind } = schema.relation(action.table);
  if (action.object !== "OBJECT_SEQUENCE" && kind !== "sequence") return undefined;
  return {
    classes: ["risky"],
    reason: `whoever needs a number of ${name} waits until the commit`,
    instead: "keep it the last statement of its file, so that the lock is held for a moment",
    subjects: [name],
    locks: [{ relation: name, mode: "ACCESS EXCLUSIVE" }],
    rewrites: [name],
  };
}
