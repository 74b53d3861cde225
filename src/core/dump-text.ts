/** Makes of what pg_dump wrote the text that is the same on every machine and loads everywhere. */

import { newline } from "./byte.ts";
import { type Piece, Splitter, type Statement } from "./split.ts";
import { isIgnoredMetaCommand } from "./sql-faults.ts";

export interface DumpRules {
  /** Of the server that was dumped, which is to load it again: 15. */
  readonly serverMajor: number;
  /**
   * pg_dump makes the schema `public` where it was asked for by name, although every database has
   * it already.
   */
  readonly publicSchema: "keep" | "drop";
}

/**
 * Without the header (versions of server and program), the `\restrict` lines and what the server's
 * own version cannot load. Only whole statements and what stands between them are touched: bodies,
 * comments and literals stay byte for byte.
 */
export function cleanDump(text: Uint8Array, rules: DumpRules): Uint8Array {
  const kept: Uint8Array[] = [];
  /** The line ends in front of what was left out: they take the place of those behind it. */
  let gap: Uint8Array | undefined;
  for (const piece of pieces(text)) {
    if (piece.kind === "meta-command" && isIgnoredMetaCommand(piece.name)) continue;
    const isFirst = kept.length === 0;
    // What stands in front of the first statement is the header.
    if (isFirst && piece.kind !== "statement") continue;
    if (piece.kind === "statement" && isLeftOut(piece, rules)) {
      gap ??= piece.bytes.subarray(0, lineEndsBefore(piece.bytes));
      continue;
    }
    const bytes = piece.kind === "statement" ? loadable(piece, rules) : piece.bytes;
    const head = piece.kind === "statement" ? piece.head : bytes.length;
    if (!isFirst) kept.push(...ahead(bytes.subarray(0, head), gap));
    kept.push(bytes.subarray(head));
    gap = undefined;
  }
  return endedBy(Buffer.concat(kept), "\n\n");
}

/** dbmate's block of versions, in the order given; `table` is as SQL names it. */
export function versionsText(table: string, versions: readonly string[]): string {
  const head = "\n--\n-- Dbmate schema migrations\n--\n\n";
  if (versions.length === 0) return head;
  const rows = versions.map((version) => `    (${version})`);
  return `${head}INSERT INTO ${table} (version) VALUES\n${rows.join(",\n")};\n`;
}

function* pieces(text: Uint8Array): Generator<Piece> {
  const splitter = new Splitter();
  yield* splitter.push(text);
  yield* splitter.end();
}

function isLeftOut(statement: Statement, { serverMajor, publicSchema }: DumpRules): boolean {
  // Long ones are none of these, and decoding them all would take as long as the dump.
  if (statement.tail - statement.head > 200) return false;
  const text = new TextDecoder().decode(statement.bytes.subarray(statement.head, statement.tail));
  if (serverMajor < 17 && text === "SET transaction_timeout = 0") return true;
  if (publicSchema === "keep") return false;
  return text === "CREATE SCHEMA public" || text === standardComment;
}

/** What initdb says of it, and pg_dump repeats where the schema was asked for by name. */
const standardComment = "COMMENT ON SCHEMA public IS 'standard public schema'";

/**
 * Written where public is not owned as initdb left it: it makes nothing, and after a load, which
 * sets no owners, it would be gone.
 */
const notCreated = Buffer.from(
  "--\n-- Name: public; Type: SCHEMA; Schema: -; Owner: -\n--\n\n" +
    "-- *not* creating schema, since initdb creates it\n\n\n",
);

/** What stands between two statements: line ends and comments. */
function ahead(between: Uint8Array, gap: Uint8Array | undefined): readonly Uint8Array[] {
  const own = lineEndsBefore(between);
  const [blank, rest] = [gap ?? between.subarray(0, own), between.subarray(own)];
  const at = Buffer.from(rest.buffer, rest.byteOffset, rest.length).indexOf(notCreated);
  if (at === -1) return [blank, rest];
  return [blank, rest.subarray(0, at), rest.subarray(at + notCreated.length)];
}

const createSubscription = new TextEncoder().encode("CREATE SUBSCRIPTION ");

/**
 * From 16 on a subscription may run as its owner; pg_dump 18 says so of every one that always
 * did, to servers that do not know the word.
 */
function loadable(statement: Statement, { serverMajor }: DumpRules): Uint8Array {
  const { bytes, head } = statement;
  if (serverMajor >= 16) return bytes;
  if (createSubscription.some((byte, index) => bytes[head + index] !== byte)) return bytes;
  const text = new TextDecoder().decode(bytes);
  // The options stand last, after the connection's text, and none that follows has quotes.
  const without = text.replace(/, run_as_owner = true(?=(?:, \w+ = \w+)*\);$)/, "");
  return new TextEncoder().encode(without);
}

function lineEndsBefore(bytes: Uint8Array): number {
  let count = 0;
  while (bytes[count] === newline) count += 1;
  return count;
}

function endedBy(bytes: Buffer, end: string): Uint8Array {
  let length = bytes.length;
  while (length > 0 && bytes[length - 1] === newline) length -= 1;
  return Buffer.concat([bytes.subarray(0, length), Buffer.from(end)]);
}
