/** The options that pg_dump is given: pgmate's own, then those of whoever asks for the dump. */

import { PgmateError } from "../errors.ts";
import { quoteIdentifier, type TableName } from "./identifier.ts";

export interface DumpScope {
  /** Undefined for the whole database. */
  readonly schemas: readonly string[] | undefined;
  /** By name; left out with the rest of the database where schemas are named. */
  readonly extensions: readonly string[];
  /** What is pgmate's own and no part of anybody's schema. */
  readonly ownTables: readonly TableName[];
  /** How long to wait for a table that another session has locked. */
  readonly lockWaitMs: number;
}

/**
 * What shows in the text and is set for a role, a database or a server: constants are written in
 * the session's time zone and formats, which pg_dump leaves as they are.
 */
export const dumpSessionSettings: readonly (readonly [name: string, value: string])[] = [
  ["timezone", "UTC"],
  ["bytea_output", "hex"],
  ["lc_monetary", "C"],
  ["quote_all_identifiers", "off"],
  ["standard_conforming_strings", "on"],
];

/** dbmate's options and what the scope adds; what must not be changed stands last, and wins. */
export function dumpOptions(scope: DumpScope, asked: readonly string[]): readonly string[] {
  const { schemas = [], extensions, ownTables, lockWaitMs } = scope;
  return [
    "--schema-only",
    "--no-privileges",
    "--no-owner",
    `--lock-wait-timeout=${lockWaitMs}`,
    ...schemas.map((schema) => `--schema=${quoteIdentifier(schema)}`),
    ...extensions.map((extension) => `--extension=${quoteIdentifier(extension)}`),
    ...ownTables.map(({ schema, table }) => {
      return `--exclude-table=${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
    }),
    ...asked,
    "--format=plain",
    "--encoding=UTF8",
    "-Z0",
  ];
}

const longNames: Readonly<Record<string, string>> = {
  "-C": "create", "-v": "verbose",
  "-f": "file", "-F": "format", "-Z": "compress", "-j": "jobs", "-h": "host", "-p": "port",
  "-U": "username", "-W": "password", "-w": "no-password", "-d": "dbname", "-E": "encoding",
};

/** Why each of these is not for whoever asks for the dump. */
const reasons: Readonly<Record<string, string>> = {
  "create": "the schema file is loaded into a database that is there",
  "verbose": "it writes the time into the file",
  "filter": "name what the file lists: --exclude-table, --exclude-schema and the like",
  "file": "pgmate writes the file: --schema-file FILE, or --stdout",
  "format": "the schema file is plain SQL",
  "compress": "the schema file is plain SQL",
  "jobs": "there is one connection",
  "host": "the URL says where the database is",
  "port": "the URL says where the database is",
  "username": "the URL says as whom to connect",
  "password": "the URL says as whom to connect",
  "no-password": "the URL says as whom to connect",
  "dbname": "the URL says where the database is",
  "encoding": "the schema file is UTF-8",
  "section": "the schema file is all of it",
  "snapshot": "pgmate reads the versions in the same one",
  "restrict-key": "the schema file has no such line",
};

/** Without its value the last option would take one of pgmate's own for it. */
const wantsValue = new RegExp(
  "^(?:-[enNtTS]|--(?:schema|table|extension|exclude-(?:schema|table|table-data|extension)" +
    "|(?:exclude-)?table-and-children|lock-wait-timeout|role|superuser))$",
);

/**
 * Throws `usage` for an option that would take the dump somewhere else, or make it no schema file.
 * A courtesy: written in a way that is not seen here, one of the first kind is overruled.
 */
export function checkDumpOptions(options: readonly string[]): void {
  const last = options.at(-1) ?? "";
  if (wantsValue.test(last)) {
    throw new PgmateError("usage", `pg_dump's option ${last} needs a value`, {
      hint: "what it names follows it, as in -T audit",
      state: "nothing was done",
    });
  }
  for (const option of options) {
    if (/^-\w\s/.test(option)) {
      throw new PgmateError("usage", `pg_dump's option ${option} is one word with a blank in it`, {
        hint: `write ${option.replace(/\s+/, "")}`,
        state: "nothing was done",
      });
    }
    const name = /^--([^=]+)/.exec(option)?.[1] ?? longNames[option.slice(0, 2)];
    const reason = name === undefined ? undefined : reasons[name];
    if (reason === undefined) continue;
    throw new PgmateError("usage", `pg_dump's option ${option.split("=")[0]} is not for here`, {
      hint: reason,
      state: "nothing was done",
    });
  }
}
