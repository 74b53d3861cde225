/** `duplicate-version`: two files of one version, of which the ledger could hold only one. */

import type { FolderRule } from "../review/rule.ts";

export const duplicateVersion: FolderRule = {
  id: "duplicate-version",
  scope: "folder",
  title: "several files have the same version",
  page: {
    locks: "None: pgmate refuses to run either of them.",
    why: "The ledger knows a file by its version: the second would never run, or run twice.",
    instead: "Give all but one a version of its own: pgmate new makes one.",
    since: "all versions",
  },
  judge: (files) =>
    files.flatMap((file) => {
      const others = files.filter((one) => one.version === file.version && one !== file);
      if (others.length === 0) return [];
      const list = others.map(({ name }) => name).join(", ");
      return [{
        file,
        classes: ["error"] as const,
        reason: `${list} has version ${file.version} too`,
        instead: "give all but one a version of its own",
      }];
    }),
  cases: [
    {
      files: {
        "001_a.sql": "-- migrate:up\n-- migrate:down\n",
        "001_b.sql": "-- migrate:up\n-- migrate:down\n",
      },
      gives: ["error", "error"],
    },
    {
      files: {
        "001_a.sql": "-- migrate:up\n-- migrate:down\n",
        "002_b.sql": "-- migrate:up\n-- migrate:down\n",
      },
      gives: [],
    },
  ],
};
