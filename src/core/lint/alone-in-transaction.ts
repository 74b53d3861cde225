/** `alone-in-transaction`: CONCURRENTLY, VACUUM and their like inside of a transaction. */

import { faultRule } from "../review/file-fault.ts";

export const aloneInTransaction = faultRule(
  {
    id: "alone-in-transaction",
    title: "a statement that cannot run in a transaction, in a section that is one",
    page: {
      locks: "None: such a file is refused before anything runs.",
      why:
        "Postgres refuses CREATE INDEX CONCURRENTLY, VACUUM, ALTER SYSTEM and others inside of a " +
        "transaction block.",
      instead: "A file of its own, whose marker says so: -- migrate:up transaction:false",
      since: "all versions",
    },
  },
  "alone",
  [
    {
      files: {
        "1_a.sql": "-- migrate:up\ncreate index concurrently i on t (a);\n-- migrate:down\n",
      },
      gives: ["error"],
    },
    {
      files: {
        "1_a.sql":
          "-- migrate:up transaction:false\ncreate index concurrently i on t (a);\n" +
          "-- migrate:down\n",
      },
      gives: [],
    },
  ],
);
