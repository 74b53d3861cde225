/** Whether the down section takes back what a statement of the up section did. */

import type { SourceSection, SourceStatement } from "./source.ts";
import { type Change, changesOf } from "./undo-change.ts";

/** `cannot-tell`: what is altered in place, and what a reading of the SQL does not show. */
export interface Undo {
  readonly undone: "yes" | "no" | "cannot-tell" | "nothing-to-undo";
  readonly why: string;
  /** Data that the way back would lose: what has come into what was made. */
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
    return { undone: "no", why: "the down section is empty", loses: [] };
  }
  const back = statements.filter(({ isControl }) => !isControl).map(({ tree }) =>
    tree === undefined ? undefined : changesOf(tree),
  );
  const isOpaque = back.some((one) => one === undefined);
  return judge(changes, back.flatMap((one) => one ?? []), isOpaque ? "in part" : "whole");
}

const nothing: Undo = { undone: "nothing-to-undo", why: "it changes no schema", loses: [] };

const cannotTell: Undo = {
  undone: "cannot-tell",
  why: "a reading of the SQL does not show it: pgmate plan --rehearse does",
  loses: [],
};

/** What it was before does not stand in the file. */
const alteredBack: Undo = {
  undone: "cannot-tell",
  why: "the down section alters it too; whether back, pgmate plan --rehearse shows",
  loses: [],
};

/** Of a way back that is seen in part only, what is not there may be in the rest. */
function judge(
  changes: readonly Change[],
  back: readonly Change[],
  seen: "whole" | "in part",
): Undo {
  const missing = changes.filter((change) => !back.some((one) => takesBack(one, change)));
  const loses = changes.flatMap(({ does, holds }) =>
    does === "makes" && holds !== undefined ? holds : [],
  );
  const [first] = missing;
  const again = changes.some(({ does, inverse }) => does === "alters" && inverse === undefined);
  if (first === undefined && again) return { ...alteredBack, loses };
  if (first !== undefined) {
    if (seen === "in part") return { ...cannotTell, loses };
    const verbs = { makes: "drop", takes: "make again", alters: "alter" } as const;
    const why = `the down section does not ${verbs[first.does]} ${first.what}`;
    return { undone: "no", why, loses };
  }
  return { undone: "yes", why: "the down section takes it back", loses };
}

function takesBack(back: Change, change: Change): boolean {
  if (change.inverse !== undefined) return back.what === change.inverse;
  if (change.does === "alters") return back.does !== "makes" && back.what === change.what;
  if (back.does === change.does || back.does === "alters") return false;
  // What hangs on a table goes with it.
  const goesWith = change.does === "makes" && change.partOf.includes(back.what);
  return back.what === change.what || goesWith;
}
