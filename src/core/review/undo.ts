/** Whether the down section takes back what a statement of the up section did. */

import type { SourceSection, SourceStatement } from "./source.ts";
import { type Change, changesOf } from "./undo-change.ts";

/** `cannot-tell`: what is altered in place, and what a reading of the SQL does not show. */
export interface Undo {
  readonly undone: "yes" | "no" | "cannot-tell" | "nothing-to-undo";
  readonly why: string;
  /** Data that the way back would lose, or that it cannot bring back. */
  readonly loses: readonly string[];
}

/** A statement that could not be parsed is one that nobody can tell of. */
export function undoOf(
  statement: Pick<SourceStatement, "tree" | "isControl">,
  downs: readonly SourceSection[],
): Undo {
  if (statement.isControl) return nothing;
  if (statement.tree === undefined) return cannotTell;
  const changes = changesOf(statement.tree);
  if (changes === undefined) return cannotTell;
  if (changes.length === 0) return nothing;
  const statements = downs.flatMap((section) => section.statements);
  if (statements.every(({ isControl }) => isControl)) {
    return { undone: "no", why: "the down section is empty", loses: lostFor(changes) };
  }
  const back = statements.flatMap(({ tree }) => (tree === undefined ? [] : changesOf(tree) ?? []));
  return judge(changes, back);
}

const nothing: Undo = { undone: "nothing-to-undo", why: "it changes no schema", loses: [] };

const cannotTell: Undo = {
  undone: "cannot-tell",
  why: "a reading of the SQL does not show it: pgmate plan --rehearse does",
  loses: [],
};

function judge(changes: readonly Change[], back: readonly Change[]): Undo {
  const missing = changes.filter((change) => !back.some((one) => takesBack(one, change)));
  const altered = missing.filter(({ does }) => does === "alters");
  const loses = [
    ...lostFor(changes),
    ...changes.flatMap(({ does, holds }) => (does === "makes" && holds !== undefined ? holds : [])),
  ];
  const [first] = missing.filter(({ does }) => does !== "alters");
  if (first !== undefined) {
    const verb = first.does === "makes" ? "drop" : "make again";
    return { undone: "no", why: `the down section does not ${verb} ${first.what}`, loses };
  }
  if (altered.length > 0) return { ...cannotTell, loses };
  return { undone: "yes", why: "the down section takes it back", loses };
}

/** What no way back brings again. */
function lostFor(changes: readonly Change[]): readonly string[] {
  return changes.flatMap(({ does, holds }) =>
    does === "takes" && holds !== undefined ? `${holds}, which no way back brings again` : [],
  );
}

function takesBack(back: Change, change: Change): boolean {
  if (change.does === "alters") return back.does !== "makes" && back.what === change.what;
  if (back.does === change.does || back.does === "alters") return false;
  // What hangs on a table goes with it.
  const goesWith = change.does === "makes" && change.partOf.includes(back.what);
  return back.what === change.what || goesWith;
}
