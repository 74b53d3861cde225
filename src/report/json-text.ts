/** What a command did or could not do, as one JSON document for scripts. */

import { redactSecrets } from "../core/redact.ts";
import type { ForcedStatements, Outcome, StepResult } from "../engine/events.ts";
import type { PgmateError } from "../errors.ts";

type Kind<Name extends Outcome["kind"]> = Extract<Outcome, { kind: Name }>;

/** Indented, with a line end; what would move a terminal's cursor is escaped. */
export function jsonText(document: object): string {
  return `${escaped(JSON.stringify(document, undefined, 2))}\n`;
}

/** Likewise, in one line. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

function escaped(json: string): string {
  return json.replace(/[\u007f-\u009f\u2028-\u202e\u2066-\u2069]/g, (character) => {
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}

export function ranDocument({ steps }: Kind<"ran">): object {
  return { ok: true, steps: steps.map(documentStep) };
}

/** A dry run: what would be done, in the shape of what is done. */
export function scriptDocument({ steps }: Kind<"script">): object {
  const planned = steps.map(({ direction, file }) => ({
    direction, version: file.version, file: file.path,
  }));
  return { ok: true, dryRun: true, steps: planned };
}

export function versionDocument({ version, dirty }: Kind<"version">): object {
  return { version: version ?? null, dirty };
}

export function forcedDocument({ file, scope, entries, did }: Kind<"forced">): object {
  return {
    ok: did !== "declined",
    ...(did === "looked" ? { dryRun: true } : {}),
    version: file.version,
    file: file.path,
    only: scope === "only",
    changed: did === "changed",
    changes: entries.map((entry) => ({
      version: entry.version,
      file: entry.file?.path ?? null,
      from: entry.from,
      to: entry.to,
      ...documentStatements("runAgain", entry.repeats),
      ...documentStatements("neverRun", entry.skips),
    })),
  };
}

/** With the steps that were done before it. Holds no secret that the text would not hold. */
export function errorDocument(error: PgmateError, done: readonly StepResult[]): object {
  const { at, server, state, hint } = error;
  return {
    ok: false,
    error: {
      code: error.code,
      message: redactSecrets(error.message),
      file: at?.file ?? null,
      line: at?.line ?? null,
      column: at?.column ?? null,
      sqlstate: server?.code ?? null,
      server: server === undefined ? null : {
        message: redactSecrets(server.message),
        detail: shown(server.detail),
        hint: shown(server.hint),
        context: shown(server.where),
      },
      state: shown(state),
      hint: shown(hint),
    },
    steps: done.map(documentStep),
  };
}

function documentStep({ direction, file, ms }: StepResult): object {
  return { direction, version: file.version, file: file.path, ms: Math.round(ms) };
}

/** The first of them, and how many there are. */
function documentStatements(
  name: "runAgain" | "neverRun",
  { listed, more }: ForcedStatements,
): object {
  const statements = listed.map(({ direction, unit, at, command, ran }) => ({
    direction,
    statement: unit,
    file: at?.file ?? null,
    line: at?.line ?? null,
    command: command ?? null,
    ran,
  }));
  return { [name]: statements, [`${name}Count`]: statements.length + more };
}

function shown(text: string | undefined): string | null {
  return text === undefined ? null : redactSecrets(text);
}
