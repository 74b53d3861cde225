/** The small parts of generated SQL: gaps, names, literals, expressions. */

import type { Random } from "./seeded.ts";

type Make = () => string;

export interface Expressions {
  /** White space or comments, never nothing. */
  readonly gap: Make;
  /** A name, perhaps with its schema. */
  readonly name: Make;
  readonly column: Make;
  readonly literal: Make;
  /** A literal that may be the body of a function: no bit string, no N'…'. */
  readonly bodyString: Make;
  readonly dollarString: Make;
  readonly expression: (depth: number) => string;
  /** The parts with gaps between them where they are needed, and often where they are not. */
  readonly words: (...parts: readonly string[]) => string;
  /** One to that many, with commas. */
  readonly list: (most: number, make: Make) => string;
  /**
   * The text with blanks for comments between the parts of a continued string: Postgres takes
   * them, libpg_query, which has comments as tokens, does not.
   */
  readonly withoutBridges: (text: string) => string;
}

const inStrings = [
  ";", "--", "/*", "*/", "\"", "$$", "$1", "\\.", "é", "😀", "\n", "\r\n", "a", "B", " ", "''",
  "begin", "end;", "\\restrict", "-- migrate:up\n", "(", ")", "\t", "0",
];
/** Line breaks with comments, of which nothing else in the corpus is a part. */
const bridges = ["-- bridge'\n", " -- bridge\n -- bridge;\n", "\n-- bridge $$\n"];
const bridge = /-- bridge(?:'|;| \$\$)?/g;
const plainNames = [
  "a", "b1", "_x", "t$1", "a$b$c", "naïve", "表", "x😀", "E1", "u", "n", "e", "b", "x", "atomic",
  "begin", "stdin", "copy", "program", "Replace", "u1",
];
const operators = [
  "+", "-", "*", "/", "%", "^", "||", "=", "<>", "!=", "<=", ">=", "<", ">", "->", "->>", "#>>",
  "@>", "<@", "&&", "~", "~*", "!~", "@-", "<->", "|/", "*/*", "+*", "-*", "<=>-@", "?|", "#-", "`",
];
const numbers = [
  "0", "1", "42", "1.", ".5", "1.5", "1e5", "1E-3", "1.5e+10", "0x1F", "0b10", "0o17", "1_000",
  "1_0.0_1", "1.e2", "$1", "$2",
];
/** Without a word character at the edge: nothing need stand beside them. */
const standsAlone = /^[(),[\];]$/;

export function sqlExpressions(random: Random): Expressions {
  const { pick, percent, below } = random;

  const text = (most: number, from: readonly string[]): string =>
    Array.from({ length: below(most + 1) }, () => pick(from)).join("");

  const blockComment = (depth: number): string => {
    const inside = pick([" ; ", "'", "$$", "\"", "", "*", "/", "-- ", "\\", "\n", "\\.\n", "**"]);
    const nested = depth > 0 && percent(30) ? blockComment(depth - 1) : "";
    // A star or slash of its own must not make a mark together with a neighbour.
    return `/*${inside} ${nested} ${pick(["", "x;", "*"])}*/`;
  };

  const gap: Make = () => {
    if (percent(55)) return " ";
    return pick<Make>([
      () => "\n", () => "\t", () => "\r\n", () => "\r", () => "\f", () => "\v", () => "  \n ",
      () => blockComment(2),
      () => `--${pick(["", " c", "; '", " $$", " \"", " /*", "- migrate:up", " \\"])}\n`,
      () => ` -- it's${pick(["\n", "\r", "\r\n"])}`,
      () => ` ${blockComment(1)}\n`,
    ])();
  };

  const words = (...parts: readonly string[]): string => {
    let whole = "";
    let before = "(";
    for (const part of parts) {
      if (part === "") continue;
      const needed = !standsAlone.test(part) && !standsAlone.test(before);
      if (whole !== "" && (needed || percent(30))) whole += gap();
      whole += part;
      before = part;
    }
    return whole;
  };

  const list = (most: number, make: Make): string => {
    const items = Array.from({ length: 1 + below(most) }, make);
    return items.join(percent(70) ? ", " : `${gap()},${gap()}`);
  };

  const column: Make = () => {
    if (percent(65)) return pick(plainNames);
    const inside = text(4, [...inStrings.filter((part) => part !== "\""), "\"\"", "'"]);
    return percent(15) ? `${pick(["U", "u"])}&"d\\0061${pick(["t", "\"\"", ";"])}"` : `"q${inside}"`;
  };

  const name: Make = () => (percent(25) ? `${column()}.${percent(20) ? "end" : column()}` : column());

  const plain = (): string => `'${text(5, inStrings)}'`;
  const escaped = (): string => `'${text(5, [...inStrings, "\\'", "\\\\", "\\n", "\\\n"])
    .replaceAll("\\.", "\\\\.").replaceAll("\\restrict", "")}'`;
  const broken = (): string =>
    pick(["\n", " \n\t", "\r\n", "\r", "\n\n", "\f\n\v", ...bridges]);

  const bodyString: Make = () =>
    pick<Make>([
      plain, plain, plain,
      () => pick(["E", "e"]) + escaped(),
      () => pick(["E", "e"]) + escaped() + broken() + escaped(),
      () => plain() + broken() + plain(),
      () => plain() + broken() + plain() + broken() + plain(),
      () => `${pick(["U", "u"])}&'d\\0061t${pick(["", "''", ";", "\""])}'`,
      () => `U&'d!0061t'${pick([" ", "\n", "\t"])}UESCAPE${pick(["", " "])}'!'`,
    ])();

  const string: Make = () => {
    if (percent(80)) return bodyString();
    return percent(50)
      ? pick(["N", "n"]) + plain()
      : pick(["B'01'", "b''", "X'1F'", "x'aB'", "B'1'\n'0'"]);
  };

  const dollarString: Make = () => {
    const tag = pick(["", "", "a", "body", "_1", "é", "E", "表"]);
    const inside = text(6, [
      ";", "'", "\"", "--", "/*", "\n", "begin ", "end;", "$other$", "$a", "$ ", "a$", "\\.\n", "é",
      "-- migrate:down\n", "select 1;", "$1",
    ]);
    const quote = `$${tag}$`;
    // The text must not hold its own quote, nor end in the beginning of it.
    const safe = inside.split(quote).join("").replaceAll("$$", "").replace(/\$\w*$/, "");
    return quote + safe.split(quote).join("") + quote;
  };

  const literal: Make = () => (percent(80) ? string() : dollarString());

  const expression = (depth: number): string => {
    if (depth <= 0 || percent(30)) return pick([literal, column, () => pick(numbers)])();
    const inner = (): string => expression(depth - 1);
    return pick<Make>([
      () => words("(", inner(), ")"),
      () => words("(", inner(), ")", pick(operators), "(", inner(), ")"),
      () => words("(", inner(), ")", pick(operators), inner()),
      () => words(pick(numbers), pick(["+", "-", "*", "/", "=", "=-", "*-", "<>+"]), pick(numbers)),
      () => words("f", "(", list(2, inner), ")"),
      () => words("case", "when", inner(), "then", inner(), "else", inner(), "end"),
      () => words("CASE", inner(), "WHEN", inner(), "THEN", inner(), "END"),
      () => words("cast", "(", inner(), "as", "text", ")"),
      () => words("(", inner(), ")", "::", "text"),
      () => words("array", "[", list(2, inner), "]"),
      () => words("(", "select", inner(), ")"),
      () => words("a", ".", pick(["end", "case", "begin", "b"])),
      () => words("f", "(", "x", pick(["=>", ":="]), inner(), ")"),
      () => words("a", "[", "1", ":", "2", "]"),
      () => words("(", inner(), ")", "operator", "(", "pg_catalog", ".", "+", ")", inner()),
      () => `date${percent(50) ? "" : gap()}'2024-01-01'`,
    ])();
  };

  const withoutBridges = (script: string): string =>
    script.replace(bridge, (found) => " ".repeat(found.length));

  return {
    gap, name, column, literal, bodyString, dollarString, expression, words, list, withoutBridges,
  };
}
