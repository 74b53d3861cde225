/** How much each event matters. */

import type { LogLevel } from "../core/log-level.ts";
import type { Told } from "./program-event.ts";

/** As it is usually; `levelOf` knows the exceptions. */
export const usualLevels = {
  "start": "info",
  "target": "info",
  "secret": "debug",
  "creating-database": "info",
  "dropping-database": "info",
  "creating-schema": "info",
  "creating-migration": "info",
  "schema-written": "info",
  "schema-unchanged": "info",
  "schema-differs": "warn",
  "reading-schema": "info",
  "schema-loaded": "info",
  "review-written": "info",
  "waiting-begins": "info",
  "waiting-goes-on": "debug",
  "waiting-ends": "info",
  "lock-wait": "info",
  "run-lock-taken": "debug",
  "run-lock-released": "debug",
  "table-wait": "warn",
  "planned": "debug",
  "applying": "info",
  "rolling-back": "info",
  "statement-begins": "debug",
  "step-progress": "info",
  "applied": "info",
  "rolled-back": "info",
  "lock-retry": "warn",
  "resuming": "info",
  "leftover-dropped": "info",
  "forcing": "warn",
  "question": "warn",
  "server-notice": "info",
  "warning": "warn",
  "stop-requested": "info",
  "stopping": "warn",
  "done": "info",
} as const satisfies Readonly<Record<Told["kind"], LogLevel>>;

/** In a log. */
export function levelOf(told: Told): LogLevel {
  switch (told.kind) {
    case "server-notice":
      return noticeLevel(told.notice.severity);
    case "schema-unchanged":
      return told.asked === "dump" ? "info" : "debug";
    default:
      return usualLevels[told.kind];
  }
}

/**
 * As text: a log begins and ends with what a person has typed, or sees; dots are for people.
 * --verbose is dbmate's, and asks for two things more.
 */
export function textLevelOf(told: Told, detail: "verbose" | "normal"): LogLevel {
  switch (told.kind) {
    case "start":
    case "stop-requested":
    case "done":
      return "debug";
    case "waiting-goes-on":
      return "info";
    case "schema-unchanged":
      return detail === "verbose" ? "info" : levelOf(told);
    default:
      return levelOf(told);
  }
}

/** The server's word for it is English in every language. */
function noticeLevel(severity: string): LogLevel {
  if (/^DEBUG/.test(severity)) return "debug";
  return severity === "WARNING" ? "warn" : "info";
}
