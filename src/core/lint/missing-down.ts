/** `missing-down`: a `-- migrate:up` without its `-- migrate:down`. */

import { faultRule } from "../review/file-fault.ts";

export const missingDown = faultRule(
  {
    id: "missing-down",
    title: "a `-- migrate:up` has no `-- migrate:down`",
    page: {
      locks: "None: such a file is refused before anything runs.",
      why: "Nobody could roll it back, and half of the file may have been lost on its way.",
      instead: "Add a `-- migrate:down` line; what cannot be undone may leave it empty.",
      since: "all versions",
    },
  },
  "missing-down",
  [
    { files: { "1_a.sql": "-- migrate:up\nselect 1;\n" }, gives: ["error"] },
    { files: { "1_a.sql": "-- migrate:up\nselect 1;\n-- migrate:down\nselect 1;\n" }, gives: [] },
  ],
);
