/** Reads .env text by the rules of dbmate's reader (godotenv 1.5.1). */

/** Variables in file order, or the first line that is no assignment. */
export type DotenvResult =
  | { readonly kind: "variables"; readonly variables: ReadonlyMap<string, string> }
  | { readonly kind: "fault"; readonly offset: number; readonly message: string };

interface Cursor {
  readonly text: string;
  at: number;
}

/**
 * `KEY=value`, `KEY: value`, `export KEY=value`, `#` comments. Unquoted values are trimmed, lose
 * a ` # comment` and are expanded; single quotes are literal; double quotes know `\n`, `\r`,
 * expansion and line breaks. `$NAME` sees only names defined earlier in the same text.
 */
export function parseDotenv(source: string): DotenvResult {
  const cursor: Cursor = { text: source.replaceAll("\r\n", "\n"), at: 0 };
  const variables = new Map<string, string>();
  for (;;) {
    skipBlanksAndComments(cursor);
    if (cursor.at >= cursor.text.length) return { kind: "variables", variables };
    const start = cursor.at;
    const key = readKey(cursor);
    if (key === undefined) {
      return { kind: "fault", offset: start, message: "expected NAME=value" };
    }
    const value = readValue(cursor, variables);
    if (value === undefined) {
      return { kind: "fault", offset: start, message: `the quote of ${key} never closes` };
    }
    variables.set(key, value);
  }
}

function skipBlanksAndComments(cursor: Cursor): void {
  const match = /^(?:\s+|#[^\n]*)+/.exec(cursor.text.slice(cursor.at));
  if (match !== null) cursor.at += match[0].length;
}

function readKey(cursor: Cursor): string | undefined {
  const match = /^(?:export[ \t]+)?([A-Za-z0-9_.]+)[ \t]*[=:][ \t]*/.exec(
    cursor.text.slice(cursor.at),
  );
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return match[1];
}

function readValue(cursor: Cursor, known: ReadonlyMap<string, string>): string | undefined {
  const quote = cursor.text[cursor.at];
  if (quote === "'" || quote === '"') return readQuoted(cursor, quote, known);
  const end = cursor.text.indexOf("\n", cursor.at);
  const line = cursor.text.slice(cursor.at, end === -1 ? undefined : end);
  cursor.at += line.length;
  return expand(line.replace(/(^|\s)#.*$/, "").trim(), known);
}

function readQuoted(
  cursor: Cursor,
  quote: string,
  known: ReadonlyMap<string, string>,
): string | undefined {
  let end = cursor.at + 1;
  while (end < cursor.text.length && cursor.text[end] !== quote) {
    end += cursor.text[end] === "\\" ? 2 : 1;
  }
  if (end >= cursor.text.length) return undefined;
  const inner = cursor.text.slice(cursor.at + 1, end);
  cursor.at = end + 1;
  if (quote === "'") return inner;
  const unescaped = inner.replace(/\\([^$])/g, (_, character: string) => {
    if (character === "n") return "\n";
    return character === "r" ? "\r" : character;
  });
  return expand(unescaped, known);
}

function expand(value: string, known: ReadonlyMap<string, string>): string {
  return value.replace(
    /(\\)?\$(?:\{([A-Za-z0-9_]+)\}|([A-Za-z0-9_]+))/g,
    (whole, escaped: string | undefined, braced: string | undefined, bare: string | undefined) =>
      escaped === undefined ? (known.get(braced ?? bare ?? "") ?? "") : whole.slice(1),
  );
}
