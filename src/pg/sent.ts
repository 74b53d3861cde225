/** What is sent and what comes of it, in words that no driver has a say in. */

import type { ServerMessage } from "../errors.ts";

/** What came of a message: an error is a value here, since half of it may have been done. */
export type Sent =
  | { readonly kind: "done"; readonly rowCounts: readonly number[] }
  | {
      readonly kind: "failed";
      readonly message: ServerMessage;
      /** How many statements of the message were answered before the one that failed. */
      readonly completed: number;
    };
