/** How far a long step is, in one line: what runs, for how long, at what, and who is in the way. */

import { describeBlockers } from "../core/blocker.ts";
import { roughDuration } from "../core/duration.ts";
import { describeWork } from "../core/server-work.ts";
import type { Event, StepProgress } from "../engine/events.ts";

/** `Applying: 1_x.sql, 12 s, statement 2 of 5, building index: scanning table 43 %`. */
export function liveText(progress: StepProgress): string {
  const verb = progress.direction === "up" ? "Applying" : "Rolling back";
  const elapsed = roughDuration(progress.elapsedMs);
  return [`${verb}: ${progress.file.name}, ${elapsed}`, ...facts(progress, 1)].join(", ");
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
  const reason = cause === "deadlock" ? "deadlock" : "lock timeout";
  const who =
    blockers.length === 0
      ? "who was in the way could not be seen"
      : `in the way: ${describeBlockers(blockers, 3)}`;
  return (
    `Waiting for a lock: ${file.name}, try ${failed} of ${failed + left} was rolled back ` +
    `(${reason}); ${who}; next try in ${roughDuration(pauseMs)}`
  );
}
