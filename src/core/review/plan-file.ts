/** Reads the JSON that `plan` wrote, so that `up --plan` runs only what was looked at. */

import { PgmateError } from "../../errors.ts";
import type { PlannedFile } from "./review.ts";

/** What the document calls itself; the number goes up when what is there changes its meaning. */
export const reviewFormat = "pgmate-review/1";

/** The parts of a plan that do not depend on anybody's judgement. */
export interface PlanFile {
  /** Of what was applied when the plan was made. */
  readonly fingerprint: string;
  /** The versions that were. */
  readonly applied: readonly string[];
  /** In the order in which they run; empty where there was nothing to do. */
  readonly steps: readonly PlannedFile[];
  /** ISO 8601, UTC. */
  readonly madeAt: string;
  readonly pgmateVersion: string;
}

type Fields = Readonly<Record<string, unknown>>;

/** `path` is only named in what is thrown. */
export function parsePlanFile(text: string, path: string): PlanFile {
  const fields = documentFields(text, path);
  if (fields["command"] !== "plan") {
    const message = `${path} is what lint found, which is no plan`;
    throw new PgmateError("usage", message, { hint: remake });
  }
  const target = isFields(fields["target"]) ? fields["target"] : undefined;
  if (target === undefined) {
    const message = `${path} was made without a database, so it is no plan for one`;
    const hint = "name one with --url, and run `pgmate plan --format json` again";
    throw new PgmateError("usage", message, { hint });
  }
  const reader = new Reader(path);
  const steps = reader.list(fields["steps"], "steps");
  return {
    fingerprint: reader.text(target["fingerprint"], "target.fingerprint", /^history:[0-9a-f]{64}$/),
    applied: reader.list(target["applied"], "target.applied").map((version, index) =>
      reader.text(version, `target.applied[${index}]`, /^/),
    ),
    steps: steps.map((step, index) => reader.step(step, `steps[${index}]`)),
    madeAt: reader.text(fields["madeAt"], "madeAt", /./),
    pgmateVersion: reader.text(fields["pgmate"], "pgmate", /./),
  };
}

const remake = "`pgmate plan --format json` writes one";

/** The document, once it is known to be a review in the format that this pgmate reads. */
function documentFields(text: string, path: string): Fields {
  const document = parsed(text, path);
  const format = isFields(document) ? document["format"] : undefined;
  if (!isFields(document) || typeof format !== "string" || !format.startsWith("pgmate-review/")) {
    throw new PgmateError("file-unreadable", `${path} is no plan of pgmate`, { hint: remake });
  }
  if (format !== reviewFormat) {
    const message = `${path} is in the format ${format}, and this pgmate reads ${reviewFormat}`;
    throw new PgmateError("usage", message, { hint: "make the plan with the pgmate that runs it" });
  }
  return document;
}

function parsed(text: string, path: string): unknown {
  try {
    // What an editor may have put before the first character.
    return JSON.parse(text.replace(/^\u{feff}/u, ""));
  } catch (cause) {
    const hint = text.trim() === "" ? `the file is empty: ${remake}` : remake;
    const message = `${path} is no plan of pgmate: it is no JSON`;
    throw new PgmateError("file-unreadable", message, { hint, cause });
  }
}

function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Takes values for what they must be, and says which of them is not. */
class Reader {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  list(value: unknown, name: string): readonly unknown[] {
    return Array.isArray(value) ? value : this.#damaged(name);
  }

  text(value: unknown, name: string, form: RegExp): string {
    return typeof value === "string" && form.test(value) ? value : this.#damaged(name);
  }

  step(value: unknown, name: string): PlannedFile {
    if (!isFields(value)) return this.#damaged(name);
    const { direction } = value;
    if (direction !== "up" && direction !== "down") return this.#damaged(`${name}.direction`);
    return {
      direction,
      version: this.text(value["version"], `${name}.version`, /./),
      path: this.text(value["file"], `${name}.file`, /./),
      sha256: this.text(value["sha256"], `${name}.sha256`, /^[0-9a-f]{64}$/),
    };
  }

  #damaged(name: string): never {
    const message = `${this.#path} is damaged: ${name} is not what it must be`;
    throw new PgmateError("file-unreadable", message, { hint: remake });
  }
}
