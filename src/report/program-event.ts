/** What is told beside the engine's events: the beginning, the end, and what comes between. */

import type { Event, Outcome } from "../engine/events.ts";
import type { ErrorCode } from "../errors.ts";

export type ProgramEvent =
  | { readonly kind: "start"; readonly command: string; readonly version: string }
  | {
      readonly kind: "stop-requested";
      /** The signal, or the reader who has gone, as the error that it becomes is called. */
      readonly reason: ErrorCode;
    }
  | {
      /** A stop that takes long. */
      readonly kind: "stopping";
    }
  | { readonly kind: "question"; readonly text: string }
  | {
      readonly kind: "review-written";
      readonly path: string;
      /** In lines, each with its end; empty where there is no verdict. */
      readonly verdict: string;
    }
  | {
      readonly kind: "schema-differs";
      readonly difference: Extract<Outcome, { kind: "difference" }>;
    }
  | {
      /** It is the last one, unless there is an error. */
      readonly kind: "done";
      readonly command: string;
      readonly outcome: Outcome;
      /** Of a review, in a word. */
      readonly verdict: string | undefined;
      readonly ms: number;
      /** Of the program. */
      readonly exitStatus: number;
    };

/** All that is told, but for errors. */
export type Told = Event | ProgramEvent;
