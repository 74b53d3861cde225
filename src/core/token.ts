/** The kinds of token that SQL text is made of. */

/** Numbers, because one is compared for each token of input that may be a gigabyte. */
export const TokenKind = {
  /** A keyword or an identifier without quotes. */
  word: 1,
  /** "…" and U&"…". */
  quotedIdentifier: 2,
  /** '…' and its E, U&, N, B and X forms; each part of a continued string is a token. */
  string: 3,
  dollarString: 4,
  /** $1 */
  parameter: 5,
  /** With what is glued to it: Postgres refuses 1a, which must not read as 1 a. */
  number: 6,
  operator: 7,
  /** One of , ( ) [ ] . ; : or .. :: := or a byte that no rule takes. */
  punctuation: 8,
  /** Two dashes up to the line end, which is not a part of it. */
  lineComment: 9,
  blockComment: 10,
} as const;
export type TokenKind = (typeof TokenKind)[keyof typeof TokenKind];

export type OpenName = "string" | "quoted identifier" | "dollar-quoted string" | "comment";

/** What a person calls a token that the input ended in. */
export function openName(kind: TokenKind): OpenName {
  if (kind === TokenKind.string) return "string";
  if (kind === TokenKind.quotedIdentifier) return "quoted identifier";
  return kind === TokenKind.dollarString ? "dollar-quoted string" : "comment";
}
