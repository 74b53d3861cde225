/** Checks tokens and statement boundaries against Postgres' own parser on a generated corpus. */

import { beforeAll, expect, test } from "bun:test";
import { loadModule, parseSync, scanSync } from "libpg-query";
import { seeded } from "../testing/seeded.ts";
import type { Script } from "../testing/sql-corpus.ts";
import { scripts } from "../testing/sql-corpus.ts";
import { Lexer } from "./lex.ts";
import { split } from "./split.ts";
import { TokenKind } from "./token.ts";

const scriptCount = 20_000;
/** Its answer is a long JSON text, which takes most of the time. */
const scannedCount = 5_000;
const leastValid = 0.9;
const leastScanned = 0.8;
const encoder = new TextEncoder();

beforeAll(() => loadModule());

/** The scripts, the same in each test. */
function* corpus(count: number): Generator<Script> {
  const next = scripts(seeded(20_000));
  for (let i = 0; i < count; i++) yield next();
}

/** First token and end of each statement as libpg_query tells them; undefined if it refuses. */
function oracleStatements(sql: string): readonly string[] | undefined {
  try {
    const parsed = parseSync(sql);
    return (parsed.stmts ?? []).map((raw) => {
      const start = raw.stmt_location ?? 0;
      return range(start, raw.stmt_len === undefined ? undefined : start + raw.stmt_len);
    });
  } catch {
    return undefined;
  }
}

/** The end is that of the white space before the `;`, or undefined if there is no `;`. */
function range(start: number, end: number | undefined): string {
  return `${start}-${end ?? ""}`;
}

function ourStatements(text: string): readonly string[] {
  const statements = split(text).filter((piece) => piece.kind === "statement");
  return statements.map(({ offset, head, bytes, terminated }) =>
    range(offset + head, terminated ? offset + bytes.length - 1 : undefined),
  );
}

/** libpg_query does not count leading blanks of the first statement; we start at its token. */
function atToken(ranges: readonly string[], bytes: Uint8Array): readonly string[] {
  return ranges.map((found, i) => {
    if (i > 0 || !found.startsWith("0-")) return found;
    const lexer = new Lexer();
    lexer.feed(bytes, 0, "final");
    while (lexer.next()) {
      if (lexer.kind !== TokenKind.lineComment && lexer.kind !== TokenKind.blockComment) break;
    }
    return range(lexer.start, Number(found.slice(2)) || undefined);
  });
}

test(
  "every statement boundary agrees with libpg_query's on 20,000 generated scripts",
  () => {
    let valid = 0;
    let statements = 0;
    for (const script of corpus(scriptCount)) {
      const theirs = oracleStatements(script.sqlOnly);
      if (theirs === undefined) continue;
      valid++;
      statements += theirs.length;
      const ours = ourStatements(script.text);
      const expected = atToken(theirs, encoder.encode(script.sqlOnly));
      if (!Bun.deepEquals(ours, expected)) {
        expect({ script: script.text, ranges: ours }).toEqual({
          script: script.text,
          ranges: [...expected],
        });
      }
    }
    expect(valid / scriptCount).toBeGreaterThan(leastValid);
    expect(statements).toBeGreaterThan(3 * scriptCount);
  },
  120_000,
);

/** Tokens as start-end. A string and what continues it are one to Postgres, N and '…' two. */
function ourTokens(bytes: Uint8Array): readonly string[] {
  const lexer = new Lexer();
  lexer.feed(bytes, 0, "final");
  const tokens: string[] = [];
  let start = 0;
  while (lexer.next()) {
    if (lexer.continues) {
      tokens.pop();
    } else {
      start = lexer.start;
    }
    const national = lexer.kind === TokenKind.string && ((bytes[start] ?? 0) | 0x20) === 0x6e;
    if (national && !lexer.continues) tokens.push(range(start, start + 1));
    tokens.push(range(national ? start + 1 : start, lexer.end));
  }
  return tokens;
}

/**
 * Undefined for what the parser refuses, since there the scanner is laxer than Postgres (1a, $1a),
 * and for the few scripts of which libpg_query makes broken JSON.
 */
function oracleTokens(sql: string): readonly string[] | undefined {
  if (oracleStatements(sql) === undefined) return undefined;
  try {
    return scanSync(sql).tokens.map((token) => range(token.start, token.end));
  } catch {
    return undefined;
  }
}

test(
  "every token agrees with libpg_query's scanner on the first 5,000 of them",
  () => {
    let valid = 0;
    for (const script of corpus(scannedCount)) {
      const theirs = oracleTokens(script.sqlOnly);
      if (theirs === undefined) continue;
      valid++;
      const ours = ourTokens(encoder.encode(script.sqlOnly));
      if (!Bun.deepEquals(ours, theirs)) {
        expect({ script: script.sqlOnly, tokens: ours }).toEqual({
          script: script.sqlOnly,
          tokens: [...theirs],
        });
      }
    }
    expect(valid / scannedCount).toBeGreaterThan(leastScanned);
  },
  120_000,
);
