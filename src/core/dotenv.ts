/** Reads .env text by the rules of dbmate's reader (godotenv 1.5.1). */

/** Variables in file order, or the first line that is no assignment. */
export type DotenvResult =
  | { readonly kind: "variables"; readonly variables: ReadonlyMap<string, string> }
  | { readonly kind: "fault"; readonly line: number; readonly message: string };

interface Cursor {
  readonly text: string;
  at: number;
}

/** White space within a line; a carriage return alone ends a value but is a blank before one. */
const blank = "[\\t\\v\\f\\r \\x85\\xa0]";
const keyPattern = new RegExp(
  `^(?:export${blank}+)?([A-Za-z0-9_.]+(?:${blank}+[A-Za-z0-9_.]+)*)${blank}*[=:]${blank}*`,
);
/** Up to the last `#` behind a blank. */
const beforeRemark = new RegExp(`^(.*)${blank}#`, "s");
const edgePattern = new RegExp(`^${blank}+|${blank}+$`, "g");

/**
 * `KEY=value`, `KEY: value`, `export KEY=value`, `#` comments. Unquoted values are trimmed, lose
 * their last ` # comment` and are expanded; single quotes are literal; double quotes know `\n`,
 * `\r`, expansion and line breaks. `$NAME`, upper case only, sees names defined earlier.
 */
export function parseDotenv(source: string): DotenvResult {
  const cursor: Cursor = { text: source.replaceAll("\r\n", "\n"), at: 0 };
  const variables = new Map<string, string>();
  for (;;) {
    skipBlanksAndComments(cursor);
    if (cursor.at >= cursor.text.length) return { kind: "variables", variables };
    const start = cursor.at;
    const key = readKey(cursor);
    if (key === undefined) return fault(cursor, start, "expected NAME=value");
    const value = readValue(cursor, variables);
    if (value === undefined) return fault(cursor, start, "a quote never closes");
    variables.set(key, value);
  }
}

/** Nothing of the text is told: what looks like a name may be a part of a secret's second line. */
function fault({ text }: Cursor, start: number, message: string): DotenvResult {
  return { kind: "fault", line: text.slice(0, start).split("\n").length, message };
}

function skipBlanksAndComments(cursor: Cursor): void {
  const match = /^(?:[\s\x85]+|#[^\n]*)+/.exec(cursor.text.slice(cursor.at));
  if (match !== null) cursor.at += match[0].length;
}

function readKey(cursor: Cursor): string | undefined {
  const match = keyPattern.exec(cursor.text.slice(cursor.at));
  if (match === null) return undefined;
  cursor.at += match[0].length;
  return match[1];
}

function readValue(cursor: Cursor, known: ReadonlyMap<string, string>): string | undefined {
  const quote = cursor.text[cursor.at];
  if (quote === "'" || quote === '"') return readQuoted(cursor, quote, known);
  const [line = ""] = /^[^\n\r]*/.exec(cursor.text.slice(cursor.at)) ?? [];
  cursor.at += line.length;
  const value = beforeRemark.exec(line)?.[1] ?? line;
  return expand(value.replace(edgePattern, ""), known);
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

/** A `$` that no upper-case name follows stays, as passwords may hold one. */
function expand(value: string, known: ReadonlyMap<string, string>): string {
  return value.replace(
    /(\\)?\$\(?\{?([A-Z0-9_]+)?\}?/g,
    (whole, escaped: string | undefined, name: string | undefined) => {
      if (escaped !== undefined) return whole.slice(1);
      return name === undefined ? whole : (known.get(name) ?? "");
    },
  );
}
