/** What pg_dump said when it gave up, as an error that says what to do. */

import { PgmateError } from "../errors.ts";

interface Known {
  readonly pattern: RegExp;
  readonly message: (found: RegExpExecArray) => string;
  readonly hint: string;
}

const known: readonly Known[] = [
  {
    pattern: /canceling statement due to statement timeout[^]*LOCK TABLE/,
    message: () => "another session holds a table locked, and the dump waited long enough for it",
    hint: "when it is done: pgmate dump; to wait longer: pgmate dump -- --lock-wait-timeout=60s",
  },
  {
    pattern: /permission denied for (\w+(?: \w+)*) ("?[^\n]+)/,
    message: ([, kind = "", name = ""]) => `this role may not read ${kind} ${name}`,
    hint: "grant it select (pg_read_all_data has it on all), or dump as the owner",
  },
  {
    pattern: /(?:unrecognized|invalid) option[^\n]*|option [^\n]*(?:requires|ambig|doesn't)[^\n]*/,
    message: ([said]) => `pg_dump does not take that: ${said}`,
    hint: "pg_dump's manual lists its options; they follow -- or --dump-option=",
  },
  {
    pattern: /aborting because of server version mismatch/,
    message: () => "the server is newer than this pg_dump",
    hint: "name one of the server's version: --pg-dump PATH",
  },
];

/** `said` are its lines; the first that is an error becomes the message where none is known. */
export function dumpFailure(said: readonly string[]): PgmateError {
  const text = said.join("\n");
  for (const { pattern, message, hint } of known) {
    const found = pattern.exec(text);
    if (found !== null) return new PgmateError("dump", message(found), { hint });
  }
  const lines = said.map((line) => line.replace(/^.*?pg_dump: (?:(?:error|detail|hint): )?/, ""));
  const [first = "it ended without a word"] = lines;
  return new PgmateError("dump", `pg_dump could not dump the schema: ${first}`, {
    hint: lines.length > 1 ? lines.slice(1).join("; ") : "its options follow -- or --dump-option=",
  });
}
