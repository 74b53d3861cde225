/** Reads env files and pgmate.toml, of which the Config is made that everything is given. */

import type { ConfigSources, EnvironmentVariables, OptionTexts } from "../config.ts";
import { parseDotenv } from "../core/dotenv.ts";
import { readIfThere } from "../disk/project-files.ts";
import { PgmateError } from "../errors.ts";

export interface SettingsSources {
  readonly flags: OptionTexts;
  /** Names of the options that the command takes. */
  readonly taken: readonly string[];
  readonly environment: EnvironmentVariables;
  /** As given with --env-file; none means `.env`. */
  readonly envFiles: readonly string[];
}

/** A file that is not there is no error, as in dbmate. Throws `environment-file`. */
export function readSettings(sources: SettingsSources): ConfigSources {
  const files = sources.envFiles.length === 0 ? [".env"] : sources.envFiles;
  const envFile = new Map<string, string>();
  for (const path of files) {
    for (const [name, value] of readEnvFile(path)) {
      if (!envFile.has(name)) envFile.set(name, value);
    }
  }
  return {
    flags: sources.flags,
    taken: sources.taken,
    environment: sources.environment,
    envFile,
    toml: readAs("configuration", "pgmate.toml"),
  };
}

/** For a command that needs none: nothing is read, so nothing can be wrong. */
export const noSettings: ConfigSources = {
  flags: new Map(), taken: [], environment: {}, envFile: new Map(), toml: undefined,
};

function readEnvFile(path: string): ReadonlyMap<string, string> {
  const text = readAs("environment-file", path);
  if (text === undefined) return new Map();
  const result = parseDotenv(text.replace(/^\ufeff/, ""));
  if (result.kind === "variables") return result.variables;
  // The line itself is not shown: it may hold a secret.
  throw new PgmateError("environment-file", `${path}, line ${result.line}: ${result.message}`, {
    hint: "write NAME=value, one a line; quote values that hold blanks or #",
  });
}

function readAs(code: "environment-file" | "configuration", path: string): string | undefined {
  try {
    return readIfThere(path);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    throw new PgmateError(code, error.message, {
      ...(error.hint === undefined ? {} : { hint: error.hint }),
      cause: error,
    });
  }
}
