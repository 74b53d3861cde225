/** All cases that are run with dbmate and with pgmate, to be compared. */
import type { Case } from "./dbmate-case.ts";
import { commandCases } from "./dbmate-command-cases.ts";
import type { DumpCase } from "./dbmate-dump-case.ts";
import { dumpCases } from "./dbmate-dump-cases.ts";
import { environmentCases } from "./dbmate-environment-cases.ts";
import { folderCases } from "./dbmate-folder-cases.ts";
import { formatCases } from "./dbmate-format-cases.ts";
import { historyCases } from "./dbmate-history-cases.ts";
import { ledgerCases } from "./dbmate-ledger-cases.ts";
import { loadCases } from "./dbmate-load-cases.ts";
import { runCases } from "./dbmate-run-cases.ts";
import { urlCases } from "./dbmate-url-cases.ts";

export const cases: readonly Case[] = [
  ...formatCases,
  ...folderCases,
  ...historyCases,
  ...ledgerCases,
  ...runCases,
  ...commandCases,
  ...environmentCases,
  ...urlCases,
  ...loadCases,
];

/** With those that need an installed pg_dump, which have a test of their own. */
export const allCases: readonly (Case | DumpCase)[] = [...cases, ...dumpCases];
