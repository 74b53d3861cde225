/** Errors of units that only a person can settle. */

import type { JournalRow } from "../core/journal.ts";
import { type InvalidIndex, invalidIndexMove, invalidIndexText } from "../core/passed-over.ts";
import type { Unit } from "../core/unit.ts";
import { PgmateError } from "../errors.ts";
import type { StepFailure } from "./step-failure.ts";

/** What the server said to a statement of pgmate's own. */
export function serverError({ message }: StepFailure): PgmateError {
  return new PgmateError("server", message.message, { server: message });
}

/** One of somebody else's, in the way of what is to be built. */
export function foreignIndex(index: InvalidIndex, verb: "built" | "rebuilt"): PgmateError {
  const hint = invalidIndexMove(index, verb);
  return new PgmateError("invalid-index", invalidIndexText(index), { hint });
}

/** A unit that is done, or is taken as done, is not what stands in the file. */
export function changed({ number }: Unit): PgmateError {
  return new PgmateError("journal", `statement ${number} was changed after it had run`, {
    hint: "put it back as it was: what has run must stay, what follows may change",
  });
}

/** Of what may have committed by itself nobody can tell how far it came. What to do depends. */
export function doubt(
  { number, command, hash }: Unit,
  row: JournalRow,
): PgmateError {
  const { state } = row;
  const what =
    row.hash === hash
      ? `statement ${number} (${command})`
      : `statement ${number}, as it was before it was changed,`;
  return new PgmateError(
    "unknown-outcome",
    state === "failed"
      ? `what ${what} had committed by itself before it failed is not ` +
        "known"
      : `whether ${what} ran to its end before its run was cut off is ` +
        "not known: it may have committed by itself",
  );
}
