/** `dump`: the schema as SQL, written to its file, printed, or held against the file. */

import { readWhole } from "../disk/replace-file.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./events.ts";
import { openTarget, readTargetLedger } from "./open-target.ts";
import { writeSchemaFile } from "./schema-file.ts";
import { prepareDump } from "./schema-text.ts";

/**
 * Reads only; `passedOn` are options for pg_dump. Throws `dump`, `file-unwritable`, and what
 * opening the target and `SchemaDumper.text` throw.
 */
export async function dump(context: Context, passedOn: readonly string[]): Promise<Outcome> {
  const { check, stdout, schemaFile } = context.config;
  if (check && stdout) {
    throw new PgmateError("usage", "--check and --stdout exclude each other", {
      hint: "give one of them",
    });
  }
  const text = await readSchema(context, passedOn);
  if (stdout) return { kind: "schema", text };
  if (check) return compare(schemaFile, text);
  writeSchemaFile(context, text, "dump");
  return { kind: "done" };
}

async function readSchema(context: Context, passedOn: readonly string[]): Promise<Uint8Array> {
  const dumper = prepareDump(context, passedOn);
  const open = await openTarget(context, { purpose: "dump", missing: "refuse" });
  try {
    return await dumper.text(open, await readTargetLedger(context, open));
  } finally {
    await open.close();
  }
}

async function compare(path: string, text: Uint8Array): Promise<Outcome> {
  const file = readWhole(path);
  const is = file === undefined ? "missing" : Buffer.compare(file, text) === 0 ? "same" : "other";
  if (is === "same") return { kind: "difference", answer: "yes", path, is, diff: "" };
  const { unifiedDiff } = await import("../core/unified-diff.ts");
  const diff = unifiedDiff(
    { name: file === undefined ? "/dev/null" : path, text: new TextDecoder().decode(file) },
    { name: "the database", text: new TextDecoder().decode(text) },
  );
  return { kind: "difference", answer: "no", path, is, diff };
}
