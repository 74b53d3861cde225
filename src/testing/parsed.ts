/** Parses migration texts and writes what came of them in a line, for tables. */

import type { Fault, Migration, Section, SectionNotice } from "../core/migration.ts";
import { MigrationParser, type ParseResult } from "../core/parse.ts";
import { placeAt } from "../core/position.ts";
import { Splitter, type Statement } from "../core/split.ts";

const file = { version: "1", description: "x", name: "1_x.sql", path: "db/1_x.sql" };

export function bytesOf(text: string | Uint8Array): Uint8Array {
  return typeof text === "string" ? new TextEncoder().encode(text) : text;
}

/** The whole text at once, or in chunks of the sizes that `nextSize` says. */
export function parseText(text: string | Uint8Array, nextSize?: () => number): ParseResult {
  const bytes = bytesOf(text);
  const parser = new MigrationParser(file);
  let at = 0;
  while (at < bytes.length) {
    const size = nextSize?.() ?? bytes.length;
    // A copy, so that nothing can look beyond its chunk.
    parser.push(bytes.slice(at, at + size));
    at += size;
  }
  return parser.end();
}

/** The migration; for texts that are ones. */
export function migrationOf(
  text: string | Uint8Array,
): Migration & { readonly checksum: string } {
  const result = parseText(text);
  if (result.kind === "migration") {
    const { checksum = "" } = result.migration;
    return { ...result.migration, checksum };
  }
  throw new Error(`${result.fault.message} at ${result.fault.offset}`);
}

/** The first statement of the text. */
export function statementOf(sql: string): Statement {
  const splitter = new Splitter();
  const pieces = [...splitter.push(bytesOf(sql)), ...splitter.end()];
  const found = pieces.find((piece) => piece.kind === "statement");
  if (found?.kind !== "statement") throw new Error(`no statement in ${sql}`);
  return found;
}

/** `up "select 1;" down* ""`: sections in file order, `*` where it runs without a transaction. */
export function outline(text: string | Uint8Array): string {
  const result = parseText(text);
  if (result.kind === "fault") return faultText(text, result.fault);
  const { ups, downs, warnings } = result.migration;
  const sections = [...ups, ...downs].sort((left, right) => left.range.start - right.range.start);
  return [
    ...sections.map((section) => sectionText(text, section)),
    ...warnings.map((warning) => `warning ${noticeText(text, warning)}`),
  ].join(" ");
}

/** `! line:column message`. */
export function faultText(text: string | Uint8Array, { offset, message }: Fault): string {
  return `! ${placeText(text, offset)} ${message}`;
}

/** `line:column message`. */
export function noticeText(text: string | Uint8Array, { offset, message }: SectionNotice): string {
  return `${placeText(text, offset)} ${message}`;
}

/** What the section holds, as text, byte for byte. */
export function sectionSql(text: string | Uint8Array, section: Section): string {
  const { start, end } = section.range;
  return new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytesOf(text).subarray(start, end));
}

function sectionText(text: string | Uint8Array, section: Section): string {
  const { direction, transactional, fault } = section;
  const sql = JSON.stringify(sectionSql(text, section).trim());
  const refused = fault === undefined ? "" : ` ${faultText(text, fault)}`;
  return `${direction}${transactional ? "" : "*"} ${sql}${refused}`;
}

function placeText(text: string | Uint8Array, offset: number): string {
  const { line, column } = placeAt(file.path, bytesOf(text), offset);
  return `${line}:${column}`;
}
