/** `refused-file`: everything else for which pgmate would not run a file. */

import { faultRule } from "../review/file-fault.ts";

export const refusedFile = faultRule(
  {
    id: "refused-file",
    title: "pgmate would refuse to run the file",
    page: {
      locks: "None: such a file is refused before anything runs.",
      why:
        "No `-- migrate:up`, statements before it, a quote or a COPY that never ends, a command " +
        "of psql, bytes that are no UTF-8: what would run is not what was meant.",
      instead: "What the message says.",
      since: "all versions",
    },
  },
  "other",
  [
    { files: { "1_a.sql": "create table t (a int);\n" }, gives: ["error"] },
    { files: { "1_a.sql": "-- migrate:up\nselect 'a;\n-- migrate:down\n" }, gives: ["error"] },
    { files: { "1_a.sql": "-- migrate:up\n\\copy t from 'x'\n-- migrate:down\n" },
      gives: ["error"] },
  ],
);
