/** `empty-down`: a down section with nothing in it, for an up section that did something. */

import type { FileRule } from "../review/rule.ts";

export const emptyDown: FileRule = {
  id: "empty-down",
  scope: "file",
  title: "the down section is empty",
  page: {
    locks: "None.",
    why:
      "A rollback takes the file's row out of the ledger and leaves the schema as it is: the " +
      "next `pgmate up` fails, or does its work a second time.",
    instead: "Write what takes the up section back, or say why that cannot be: an ignore comment.",
    since: "all versions",
  },
  judge: ({ source: { ups, downs } }) => {
    const isEmpty = (sections: typeof ups): boolean =>
      sections.every(({ statements }) => statements.length === 0);
    const [down] = downs;
    if (down === undefined || isEmpty(ups) || !isEmpty(downs)) return [];
    return [{
      classes: ["advice"],
      reason: "nothing takes the up section back",
      instead: "write the statements that undo it",
      place: { offset: down.offset, line: Math.max(1, down.line - 1) },
    }];
  },
  cases: [
    { files: { "1_a.sql": "-- migrate:up\ncreate schema s;\n-- migrate:down\n" },
      gives: ["advice"] },
    {
      files: { "1_a.sql": "-- migrate:up\ncreate schema s;\n-- migrate:down\ndrop schema s;\n" },
      gives: [],
    },
    { files: { "1_a.sql": "-- migrate:up\n-- migrate:down\n" }, gives: [] },
  ],
};
