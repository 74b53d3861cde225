/** What a byte can be in SQL: the tables and names by which the lexer and splitter tell. */

export const newline = 0x0a;
export const carriageReturn = 0x0d;
export const quote = 0x27;
export const doubleQuote = 0x22;
export const dollar = 0x24;
export const opening = 0x28;
export const closing = 0x29;
export const star = 0x2a;
export const dash = 0x2d;
export const dot = 0x2e;
export const slash = 0x2f;
export const colon = 0x3a;
export const semicolon = 0x3b;
export const equals = 0x3d;
export const backslash = 0x5c;

/** The classes: what a token is that begins with a byte. */
export const space = 1;
export const wordStart = 2;
export const digit = 3;
export const operatorStart = 4;
export const alone = 5;

/** The class of a byte; 0 if it has a rule of its own. */
export const classOf = new Uint8Array(256);
/** The bits of a byte: what it may be a part of. */
export const partOf = new Uint8Array(256);
export const ofWord = 1;
export const ofTag = 2;
export const ofOperator = 4;
export const ofNumber = 8;
/** Operators with one of these may end in + or -, others may not. */
export const keepsSign = 16;

function mark(table: Uint8Array, characters: string, value: number): void {
  for (const byte of new TextEncoder().encode(characters)) table[byte] = (table[byte] ?? 0) | value;
}

function fillTables(): void {
  const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_";
  const digits = "0123456789";
  mark(classOf, " \t\n\v\f\r", space);
  mark(classOf, letters, wordStart);
  mark(classOf, digits, digit);
  mark(classOf, "~!@#^&|`?+*%<>=", operatorStart);
  mark(classOf, ",()[];", alone);
  mark(partOf, letters, ofWord | ofTag);
  mark(partOf, digits, ofWord | ofTag | ofNumber);
  mark(partOf, "$", ofWord);
  mark(partOf, "~!@#^&|`?+-*/%<>=", ofOperator);
  mark(partOf, "~!@#^&|`?%", keepsSign);
  // Bytes of characters beyond ASCII are letters to Postgres, whatever they are.
  for (let byte = 0x80; byte < 0x100; byte++) {
    classOf[byte] = wordStart;
    partOf[byte] = ofWord | ofTag;
  }
}
fillTables();

/** Whether the bytes are this word of ASCII letters, given in lower case, in any case. */
export function isWord(bytes: Uint8Array, start: number, end: number, word: string): boolean {
  if (end - start !== word.length) return false;
  for (let i = 0; i < word.length; i++) {
    if (((bytes[start + i] as number) | 0x20) !== word.charCodeAt(i)) return false;
  }
  return true;
}

/** Just past digits with single underscores between them; the index itself if there are none. */
export function digitsEnd(bytes: Uint8Array, index: number): number {
  let at = index;
  for (;;) {
    while (((partOf[bytes[at] as number] as number) & ofNumber) !== 0) at++;
    const grouped = at > index && bytes[at] === 0x5f;
    if (!grouped || ((partOf[bytes[at + 1] as number] as number) & ofNumber) === 0) return at;
    at++;
  }
}
