/** What pg_dump said, be it the one inside or another: what failed, and what to do about it. */

import { PgmateError } from "../errors.ts";

export interface DumpProgram {
  /** As a message calls it. */
  readonly name: string;
  /** What to do without this program. */
  readonly instead: string;
}

/** In characters, in messages: a query that failed may name thousands of tables. */
const longestPart = 300;

/** One thing that pg_dump said: `pg_dump: error: text`, and the lines up to the next such. */
interface Remark {
  readonly level: string;
  readonly lines: readonly string[];
}

function remarks(complaints: string): readonly Remark[] {
  const found: { level: string; lines: string[] }[] = [];
  for (const line of complaints.split(/\r?\n/)) {
    const [, level = "", rest = ""] =
      /^[^\s:][^:]*: (error|fatal|warning|detail|hint): (.*)$/.exec(line) ?? [];
    const unlevelled = /^(?:\S*\/)?pg_dump[^\s:/]*: (.*)$/.exec(line)?.[1];
    if (level !== "") found.push({ level, lines: [rest] });
    else if (unlevelled !== undefined) found.push({ level: "error", lines: [unlevelled] });
    else if (found.at(-1)?.lines.push(line) === undefined) found.push({ level: "", lines: [line] });
  }
  return found;
}

/** What it warned of in a dump that it made all the same. */
export function dumpWarnings(said: string): readonly string[] {
  return remarks(said)
    .filter(({ level }) => level === "warning")
    .map(({ lines }) => shortenedRemark(lines.join(" ")));
}

/** `dump` with the first error of what it said, and the cure, its own hint or what is known. */
export function dumpFailure(said: string, program: DumpProgram): PgmateError {
  const { name, instead } = program;
  const mismatch = versionMismatch(said, program);
  if (mismatch !== undefined) return mismatch;
  const found = remarks(said);
  const isError = ({ level }: Remark): boolean => level === "error" || level === "fatal";
  const first = found.find(isError) ?? found.find(({ level }) => level !== "warning") ?? found[0];
  const [line = "", ...more] = first?.lines ?? [];
  const behind = found.slice(found.findIndex((one) => one === first) + 1);
  const details = behind.filter(({ level }) => level === "detail").flatMap(({ lines }) => lines);
  const own = behind.find(({ level }) => level === "hint")?.lines[0];
  const rest = shortenedRemark([...more, ...details].join(" ").replace(/\s+/g, " ").trim());
  const cure = cures.find(({ pattern }) => pattern.test(said))?.cure(instead);
  const text = `${name} failed: ${shortenedRemark(line)}${rest === "" ? "" : `; ${rest}`}`;
  return new PgmateError("dump", text, { hint: cure ?? own ?? instead });
}

export function shortenedRemark(text: string): string {
  return text.length <= longestPart ? text : `${text.slice(0, longestPart)}…`;
}

/** pg_dump refuses every server that is newer than itself, and very old ones. */
function versionMismatch(
  said: string,
  { name, instead }: DumpProgram,
): PgmateError | undefined {
  const [, server = "", own = ""] =
    /server version: (\d[\w.]*)[^;\n]*; \S* version: (\d[\w.]*)/.exec(said) ?? [];
  if (server === "" || !said.includes("version mismatch")) return undefined;
  const needed = Number.parseInt(server, 10) < Number.parseInt(own, 10)
    ? "that still knows such old servers"
    : `of version ${Number.parseInt(server, 10)} or newer`;
  const text = `${name} is of version ${own} and does not dump a server of version ${server}`;
  return new PgmateError("dump", text, {
    hint: `give --pg-dump the path of a pg_dump ${needed}; or ${instead}`,
  });
}

interface Cure {
  readonly pattern: RegExp;
  readonly cure: (instead: string) => string;
}

/** The first that fits; what is not here comes with pg_dump's own hint. */
const cures: readonly Cure[] = [
  {
    pattern: /authentication method \d+ not supported|SCRAM authentication requires/,
    cure: (instead) =>
      `this pg_dump is too old for the way in which the server asks for passwords; ${instead}`,
  },
  {
    pattern: new RegExp(
      "(?:password|peer|ident|certificate) authentication failed|no password supplied"
        + "|pg_hba\\.conf",
      "i",
    ),
    cure: (instead) =>
      "it connects once more, as pgmate did, and the server's log says why that one is refused; "
        + `or ${instead}`,
  },
  {
    // --lock-wait-timeout is a statement_timeout to the server.
    pattern: /due to (?:lock|statement) timeout/,
    cure: () =>
      "another session holds a lock that no dump can pass: dump again when that one is done, or "
        + "wait longer with -- --lock-wait-timeout=60s",
  },
  {
    pattern: /root certificate file "system"/,
    cure: (instead) =>
      "its libpq is older than 16 and knows no system authorities: name the file of those that "
        + `you trust with sslrootcert=FILE; or ${instead}`,
  },
  {
    pattern: /private key file .* (?:has group or world access|must be owned)/,
    cure: (instead) =>
      `chmod 600 that file, since libpq uses no key that others can read; or ${instead}`,
  },
  {
    pattern: /unsupported startup parameter/,
    cure: (instead) => `there is a pooler in between: connect to Postgres directly; or ${instead}`,
  },
  {
    pattern: /too many (?:connections|clients)|connection slots/,
    cure: (instead) => `it needs a connection of its own beside pgmate's; ${instead}`,
  },
  {
    pattern: /invalid byte sequence for encoding/,
    cure: () =>
      "the database holds text that is no UTF-8, which its encoding (SQL_ASCII?) does not "
        + "forbid: mend what the message names",
  },
  {
    pattern: /permission denied for/,
    cure: () =>
      "pg_dump locks what it dumps: grant usage on the schema and select on the table "
        + "(pg_read_all_data has both on all), or leave things out, as with --exclude-schema=NAME",
  },
  {
    pattern: new RegExp(
      "(?:unrecognized|invalid|illegal|unknown) option|requires an argument|is ambiguous"
        + "|cannot be used together|too many command-line arguments|no matching \\w+ were found",
    ),
    cure: () => "pg_dump's manual lists its options; they stand behind --, or in --dump-option",
  },
];
