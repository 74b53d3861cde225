/** How far a long step is, in one line: what runs, for how long, at what, and who is in the way. */

import { type Blocker, describeBlockers } from "../core/blocker.ts";
import { roughDuration } from "../core/duration.ts";
import { quoteTable } from "../core/identifier.ts";
import { describeWork } from "../core/server-work.ts";
import type { Event, StepProgress } from "../engine/events.ts";
import type { Told } from "./program-event.ts";

/** How often a long step gets a line where none is written over, and how often at debug. */
const stillEveryMs = 30_000;
const debugEveryMs = 1_000;

/** `seldom`: it is time for it in any case; `often`: only for who wants to know all. */
export type Pace = "seldom" | "often" | "never";

/** Says of each event how many it is for: of a step's progress there is more than one can read. */
export function progressPace(): (told: Told) => Pace {
  let stillAtMs = stillEveryMs;
  let debugAtMs = 0;
  return (told) => {
    if (told.kind === "applying" || told.kind === "rolling-back") {
      stillAtMs = stillEveryMs;
      debugAtMs = 0;
    }
    if (told.kind !== "step-progress") return "seldom";
    const { elapsedMs } = told;
    const isSeldom = elapsedMs >= stillAtMs;
    if (isSeldom) stillAtMs = (Math.floor(elapsedMs / stillEveryMs) + 1) * stillEveryMs;
    if (!isSeldom && elapsedMs < debugAtMs) return "never";
    debugAtMs = elapsedMs + debugEveryMs;
    return isSeldom ? "seldom" : "often";
  };
}

/**
 * `Applying for 12 s, statement 2 of 5, building index: scanning table 43 %`. The line above has
 * the file's name, and a terminal's width is needed for who is in the way.
 */
export function liveText(progress: StepProgress): string {
  const verb = progress.direction === "up" ? "Applying" : "Rolling back";
  const elapsed = roughDuration(progress.elapsedMs);
  return [`${verb} for ${elapsed}`, ...facts(progress, 1)].join(", ");
}

/** `Still applying: 1_x.sql, 60 s so far, in the way: pid 99 (…)`. */
export function stillText(progress: StepProgress): string {
  const verb = progress.direction === "up" ? "applying" : "rolling back";
  const elapsed = `${roughDuration(progress.elapsedMs)} so far`;
  return [`Still ${verb}: ${progress.file.name}, ${elapsed}`, ...facts(progress, 3)].join(", ");
}

function facts({ unit, work, blockers }: StepProgress, mostBlockers: number): readonly string[] {
  const told: string[] = [];
  if (unit !== undefined) told.push(`statement ${unit.number} of ${unit.of}`);
  if (work !== undefined) told.push(describeWork(work));
  const others = blockers.length === 1 ? "" : `${blockers.length} `;
  if (blockers.length > 0) {
    told.push(`${others}in the way: ${describeBlockers(blockers, mostBlockers)}`);
  }
  return told;
}

/** `Waiting for a lock: 1_x.sql, try 2 of 11 was rolled back (lock timeout); in the way: …`. */
export function retryText(event: Extract<Event, { kind: "lock-retry" }>): string {
  const { file, failed, left, cause, blockers, pauseMs } = event;
  const reason = cause.replace("-", " ");
  return (
    `Waiting for a lock: ${file.name}, try ${failed} of ${failed + left} was rolled back ` +
    `(${reason}); ${whoText(blockers)}; next try in ${roughDuration(pauseMs)}`
  );
}

/** `Waiting for "public"."schema_migrations", which is locked; in the way: …; 2 s so far`. */
export function tableWaitText(event: Extract<Event, { kind: "table-wait" }>): string {
  return (
    `Waiting for ${quoteTable(event.table)}, which is locked; ${whoText(event.blockers)}; ` +
    `${roughDuration(event.waitedMs)} so far`
  );
}

function whoText(blockers: readonly Blocker[]): string {
  if (blockers.length === 0) return "nobody was seen in the way";
  return `in the way: ${describeBlockers(blockers, 3)}`;
}
