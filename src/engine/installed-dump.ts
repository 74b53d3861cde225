/** Dumps by a pg_dump that is installed, on a connection of its own that goes the same way. */

import { dumpWarnings } from "../core/dump-failure.ts";
import { connectionWord, libpqEnvironment } from "../core/libpq-environment.ts";
import { PgmateError } from "../errors.ts";
import { runPgDump } from "../tools/pg-dump-program.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";
import { applicationName, readTlsFiles } from "./target.ts";

/** Throws `dump` where no program can go that way, `tool` where it fails. */
export async function dumpWithProgram(
  context: Context,
  { target, connection }: OpenTarget,
  args: readonly string[],
): Promise<Uint8Array> {
  const { way } = connection;
  if (target.kind === "embedded" || way === undefined) {
    throw new PgmateError("dump", "an installed pg_dump cannot reach the embedded Postgres", {
      hint: "leave --pg-dump out: the pg_dump inside pgmate can",
    });
  }
  const found = libpqEnvironment(
    {
      ...way,
      target,
      applicationName: applicationName(context),
      tlsFiles: readTlsFiles(target),
    },
    context.config.environment,
  );
  if (found.kind === "impossible") {
    throw new PgmateError("dump", `an installed pg_dump cannot connect so: ${found.reason}`, {
      hint: "leave --pg-dump out: the pg_dump inside pgmate uses the connection that is there",
    });
  }
  const { output, complaints } = await runPgDump({
    program: context.config.pgDumpProgram,
    // Last, so that no option in front of them takes the dump to another file or database.
    args: [...args, "--file=-", `--dbname=${connectionWord(target.database)}`],
    environment: found.environment,
    signal: context.signal,
  });
  for (const message of dumpWarnings(complaints)) context.emit({ kind: "warning", message });
  return output;
}
