/** All commands, in the order in which help shows them. */

import type { Command } from "./command.ts";
import { completions } from "./completions.ts";
import { create } from "./create.ts";
import { drop } from "./drop.ts";
import { dumpCommand } from "./dump.ts";
import { forceCommand } from "./force.ts";
import { goto } from "./goto.ts";
import { lintCommand } from "./lint.ts";
import { loadCommand } from "./load.ts";
import { man } from "./man.ts";
import { migrateCommand } from "./migrate.ts";
import { newCommand } from "./new.ts";
import { planCommand } from "./plan.ts";
import { redo } from "./redo.ts";
import { rollback } from "./rollback.ts";
import { status } from "./status.ts";
import { up } from "./up.ts";
import { version } from "./version.ts";
import { wait } from "./wait.ts";

export const commands: readonly Command[] = [
  newCommand,
  planCommand,
  lintCommand,
  up,
  migrateCommand,
  rollback,
  redo,
  goto,
  forceCommand,
  status,
  version,
  dumpCommand,
  loadCommand,
  create,
  drop,
  wait,
  completions,
  man,
];
