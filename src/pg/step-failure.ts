/** How a step ended that did not go through, and where. */

import type { Purpose } from "../core/message.ts";
import type { InvalidIndex } from "../core/passed-over.ts";
import type { ServerMessage } from "../errors.ts";

/** The step did not go through. A transactional one left nothing behind. */
export interface StepFailure {
  readonly kind: "failed";
  readonly message: ServerMessage;
  readonly origin: StepOrigin;
  /** Under transaction:false: units that are committed and stay. */
  readonly unitsDone: number;
  /** Under transaction:false: the unit that failed, from 1, and what Traits name it. */
  readonly unit?: { readonly number: number; readonly command: string };
  /** Somebody's, over which the statement passed as if it were there. */
  readonly passedOver?: InvalidIndex;
  /** Invalid indexes that it left, as SQL writes them. */
  readonly leftovers?: readonly string[];
  /** What else of a unit that runs alone stays, or may. */
  readonly stays?: "own commits" | "half detached" | Unrecorded;
}

/** All of it stays, and only its row failed: the catalog is asked, or else a person. */
export type Unrecorded = "unrecorded" | "unrecorded own commits";

/** Where it stopped: a byte of the file, somewhere in the file, or a statement of pgmate's own. */
export type StepOrigin =
  | {
      readonly kind: "section";
      readonly offset: number;
      /** Where the data of a COPY begins, whose line the server's CONTEXT tells. */
      readonly copyDataOffset?: number;
    }
  | { readonly kind: "file" }
  | { readonly kind: "ours"; readonly purpose: Purpose };
