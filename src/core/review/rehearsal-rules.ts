/** What only a rehearsal can find, as rules that can be listed and explained. */

import type { RehearsalRule } from "./rule.ts";

export const measuredOtherwiseId = "measured-otherwise";
export const brokenQueryId = "broken-query";

/** Rules that say of a statement that a reading does not show what it does. */
export const opaqueRules: readonly string[] = ["dynamic-sql", "not-judged"];

export const rehearsalRules: readonly RehearsalRule[] = [
  {
    id: measuredOtherwiseId,
    scope: "rehearsal",
    cases: [],
    title: "the rehearsal saw a rewrite or a scan that no rule expects",
    page: {
      locks: "Those that were measured, which stand in the plan.",
      why:
        "A function, a trigger, an event trigger or a DO block did more than the statement says; " +
        "or a rule of pgmate's is wrong, which is a fault worth reporting.",
      instead: "Take what is slow out into a statement that can be seen, or into its own file.",
      since: "pgmate plan --rehearse",
    },
  },
  {
    id: brokenQueryId,
    scope: "rehearsal",
    cases: [],
    title: "a query of --queries cannot be prepared any more after the change",
    page: {
      locks: "None.",
      why: "Code that is running sends it, and gets an error from the moment of the commit.",
      instead: "Deploy code that does not need what goes, then make the change.",
      since: "pgmate plan --rehearse --queries DIR",
    },
  },
];
