/** `mixed-widths`: versions of different length, whose order is not that of their numbers. */

import type { FolderRule } from "../review/rule.ts";

export const mixedWidths: FolderRule = {
  id: "mixed-widths",
  scope: "folder",
  title: "versions have different numbers of digits",
  page: {
    locks: "None.",
    why:
      "Files run in the order of the bytes of their names: 10_x.sql comes before 9_x.sql, and " +
      "2_x.sql behind 20260101120000_x.sql.",
    instead: "Versions of one width: dates to the second, as pgmate new makes them, or 001, 002.",
    since: "all versions",
  },
  judge: (files) => {
    const widths = Map.groupBy(files, ({ version }) => version.length);
    const usual = Math.max(...[...widths.values()].map((group) => group.length));
    // Where two widths are equally frequent, the longer one is the newer custom.
    const [common = 0] = [...widths].filter(([, group]) => group.length === usual)
      .map(([width]) => width).toSorted((left, right) => right - left);
    return files.filter(({ version }) => version.length !== common).map((file) => ({
      file,
      classes: ["advice"] as const,
      reason: `version ${file.version} has ${file.version.length} digits, most have ${common}`,
      instead: "files run in the order of their names as text: 10_x.sql before 9_x.sql",
    }));
  },
  cases: [
    {
      files: {
        "9_a.sql": "-- migrate:up\n-- migrate:down\n",
        "10_b.sql": "-- migrate:up\n-- migrate:down\n",
        "11_b.sql": "-- migrate:up\n-- migrate:down\n",
      },
      gives: ["advice"],
    },
    { files: { "1_a.sql": "-- migrate:up\n-- migrate:down\n" }, gives: [] },
  ],
};
