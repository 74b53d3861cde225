/** A run told as lines of JSON on stderr, for containers and their collectors. */

import { roughDuration } from "../core/duration.ts";
import { isTold, type LogLevel } from "../core/log-level.ts";
import { redactSecrets } from "../core/redact.ts";
import type { PgmateError } from "../errors.ts";
import { errorHead } from "./error-text.ts";
import { levelOf } from "./event-level.ts";
import { eventLines } from "./event-text.ts";
import { eventName } from "./log-events.ts";
import { type ErrorFacts, errorFields, fieldsOf, type LogFields } from "./log-fields.ts";
import { logLine } from "./log-line.ts";
import { withTargetOptions } from "./named-commands.ts";
import type { Output } from "./output.ts";
import { progressPace } from "./progress-text.ts";
import type { Told } from "./program-event.ts";

export interface Log {
  readonly output: Pick<Output, "blanked" | "errAsIs">;
  /** The time of each line. */
  readonly date: () => Date;
  /** Of what is told; errors always are, and questions. */
  readonly level: LogLevel;
  /** As a ReportStyle has them. */
  readonly targetOptions: string;
}

/** Tells each event in a line; a step's progress each half minute, and at `debug` each second. */
export function logPrinter(log: Log): (told: Told) => void {
  const paceOf = progressPace();
  return (told) => {
    if (told.kind === "secret") return;
    const pace = paceOf(told);
    if (pace === "never") return;
    const level = pace === "often" ? "debug" : levelOf(told);
    if (told.kind !== "question" && !isTold(level, log.level)) return;
    const message = withTargetOptions(messageOf(told), log.targetOptions);
    write(log, { level, event: eventName(told.kind), message }, fieldsOf(told));
  };
}

/** Tells an error in a line, with what was done before it. */
export function logError(
  log: Pick<Log, "output" | "date">,
  error: PgmateError,
  facts: ErrorFacts,
): void {
  const head = { level: "error", event: eventName("error"), message: errorHead(error) } as const;
  write(log, head, errorFields(error, facts));
}

interface Head {
  readonly level: LogLevel;
  readonly event: string;
  readonly message: string;
}

function write({ output, date }: Pick<Log, "output" | "date">, head: Head, fields: LogFields) {
  const record = { time: date().toISOString(), ...head, ...fields };
  output.errAsIs(logLine(record, (text) => output.blanked(redactSecrets(text))));
}

/** The words of the text, but where they are made for a terminal. */
function messageOf(told: Exclude<Told, { kind: "secret" }>): string {
  switch (told.kind) {
    case "waiting-begins":
      return `Waiting for the server: ${told.reason}`;
    case "waiting-goes-on":
      return `Still waiting for the server, ${roughDuration(told.waitedMs)} so far: ${told.reason}`;
    case "waiting-ends":
      return told.server === "answers" ? "The server answers" : "The server does not answer";
    case "server-notice":
      return `${told.notice.severity}: ${told.notice.message}`;
    default: {
      const text = eventLines(told, "normal").map((line) => line.text).join("").trim();
      return told.kind === "warning" ? text.replace(/^Warning: /, "") : text;
    }
  }
}
