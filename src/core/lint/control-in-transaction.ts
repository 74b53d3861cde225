/** `control-in-transaction`: COMMIT and its like inside of the transaction that a section is. */

import { faultRule } from "../review/file-fault.ts";

export const controlInTransaction = faultRule(
  {
    id: "control-in-transaction",
    title: "transaction control in a section that is a transaction already",
    page: {
      locks: "None: such a file is refused before anything runs.",
      why:
        "A COMMIT would end the transaction that the change and its row in the ledger share, so " +
        "that a failure behind it could not be undone.",
      instead:
        "Leave BEGIN and COMMIT out, or say transaction:false on the marker line and put " +
        "begin; … commit; around what belongs together.",
      since: "all versions",
    },
  },
  "control",
  [
    {
      files: {
        "1_a.sql":
          "-- migrate:up\ncreate table t (a int);\ncommit;\ncreate table u (a int);\n" +
          "-- migrate:down\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up transaction:false\nbegin;\ncreate table t (a int);\ncommit;\n" +
          "-- migrate:down\n",
      },
      gives: [],
    },
  ],
);
