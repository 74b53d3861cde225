/** The small parts of generated SQL: gaps, names, literals, expressions. */

import type { Random } from "./seeded.ts";

const inStrings = [
  ";", "--", "/*", "*/", "\"", "$$", "$1", "\\.", "é", "😀", "\n", "\r\n", "a", "B", " ", "''",
  "begin", "end;", "\\restrict", "-- migrate:up\n", "(", ")", "\t", "0",
];
const inEscapeStrings = [
  ...inStrings.filter((part) => !part.startsWith("\\")), "\\'", "\\\\", "\\n", "\\\n", "\\.",
];
const inNames = [...inStrings.filter((part) => part !== "\""), "\"\"", "'"];
const inBodies = [
  ";", "'", "\"", "--", "/*", "\n", "begin ", "end;", "$other$", "$a", "$ ", "a$", "\\.\n", "é",
  "-- migrate:down\n", "select 1;", "$1",
];
const inComments = [" ; ", "'", "$$", "\"", "", "*", "/", "-- ", "\\", "\n", "\\.\n", "**"];
const lineComments = ["", " c", "; '", " $$", " \"", " /*", "- migrate:up", " \\"];
const blanks = ["\n", "\t", "\r\n", "\r", "\f", "\v", "  \n "];

/** Line breaks with comments, of which nothing else in the corpus is a part. */
const bridges = ["-- bridge'\n", " -- bridge\n -- bridge;\n", "\n-- bridge $$\n"];
const bridge = /-- bridge(?:'|;| \$\$)?/g;
const lineBreaks = ["\n", " \n\t", "\r\n", "\r", "\n\n", "\f\n\v", ...bridges];

const names = [
  "a", "b1", "_x", "t$1", "a$b$c", "naïve", "表", "x😀", "E1", "u", "n", "e", "b", "x", "atomic",
  "begin", "stdin", "copy", "program", "Replace", "u1",
];
const operators = [
  "+", "-", "*", "/", "%", "^", "||", "=", "<>", "!=", "<=", ">=", "<", ">", "->", "->>", "#>>",
  "@>", "<@", "&&", "~", "~*", "!~", "@-", "<->", "|/", "*/*", "+*", "-*", "<=>-@", "?|", "#-", "`",
];
const numberOperators = ["+", "-", "*", "/", "=", "=-", "*-", "<>+"];
const numbers = [
  "0", "1", "42", "1.", ".5", "1.5", "1e5", "1E-3", "1.5e+10", "0x1F", "0b10", "0o17", "1_000",
  "1_0.0_1", "1.e2", "$1", "$2",
];

/** Without a word character at the edge: nothing need stand beside them. */
const standsAlone = /^[(),[\];]$/;

export class SqlExpressions {
  protected readonly random: Random;

  constructor(random: Random) {
    this.random = random;
  }

  /** White space or comments, never nothing. */
  gap(): string {
    const { random } = this;
    if (random.percent(55)) return " ";
    switch (random.below(4)) {
      case 0:
        return random.pick(blanks);
      case 1:
        return `${random.pick(["", " "])}${this.blockComment(2)}${random.pick(["", "\n"])}`;
      case 2:
        return `--${random.pick(lineComments)}\n`;
      default:
        return ` -- it's${random.pick(["\n", "\r", "\r\n"])}`;
    }
  }

  blockComment(depth: number): string {
    const { random } = this;
    const nested = depth > 0 && random.percent(30) ? this.blockComment(depth - 1) : "";
    // Blanks keep a star or slash from making a mark together with a neighbour.
    return `/*${random.pick(inComments)} ${nested} ${random.pick(["", "x;", "*"])}*/`;
  }

  /** The parts with gaps between them where they are needed, and often where they are not. */
  words(...parts: readonly string[]): string {
    let whole = "";
    let before = "(";
    for (const part of parts) {
      if (part === "") continue;
      const needed = !standsAlone.test(part) && !standsAlone.test(before);
      if (whole !== "" && (needed || this.random.percent(30))) whole += this.gap();
      whole += part;
      before = part;
    }
    return whole;
  }

  /** One to that many, with commas. */
  list(most: number, make: () => string): string {
    const items = Array.from({ length: 1 + this.random.below(most) }, make);
    return items.join(this.random.percent(70) ? ", " : `${this.gap()},${this.gap()}`);
  }

  column(): string {
    const { random } = this;
    if (random.percent(65)) return random.pick(names);
    if (random.percent(15)) return `${random.pick(["U", "u"])}&"d\\0061${random.pick(["t", ";"])}"`;
    return `"q${this.#some(4, inNames)}"`;
  }

  /** A column, or one with its schema. */
  name(): string {
    if (this.random.percent(75)) return this.column();
    return `${this.column()}.${this.random.percent(20) ? "end" : this.column()}`;
  }

  literal(): string {
    const { random } = this;
    if (random.percent(20)) return this.dollarString();
    if (random.percent(80)) return this.bodyString();
    return random.percent(50)
      ? random.pick(["N", "n"]) + this.#plain()
      : random.pick(["B'01'", "b''", "X'1F'", "x'aB'", "B'1'\n'0'"]);
  }

  /** A literal that may be the body of a function: no bit string, no N'…'. */
  bodyString(): string {
    const { random } = this;
    switch (random.below(8)) {
      case 0:
        return this.#escaped();
      case 1:
        return `${this.#escaped()}${random.pick(lineBreaks)}${this.#escaped().slice(1)}`;
      case 2:
        return this.#plain() + random.pick(lineBreaks) + this.#plain();
      case 3:
        return [this.#plain(), this.#plain(), this.#plain()].join(random.pick(lineBreaks));
      case 4:
        return `${random.pick(["U", "u"])}&'d\\0061t${random.pick(["", "''", ";", "\""])}'`;
      case 5:
        // No comment here, which libpg_query does not take.
        return `U&'d!0061t'${random.pick([" ", "\n", "\t"])}UESCAPE${random.pick(["", " "])}'!'`;
      default:
        return this.#plain();
    }
  }

  dollarString(): string {
    const quote = `$${this.random.pick(["", "", "a", "body", "_1", "é", "E", "表"])}$`;
    // The text must not hold its own quote, nor end in the beginning of it.
    const inside = this.#some(6, inBodies).split(quote).join("").replaceAll("$$", "");
    return quote + inside.replace(/\$\w*$/, "").split(quote).join("") + quote;
  }

  expression(depth: number): string {
    const { random } = this;
    if (depth <= 0 || random.percent(30)) {
      return random.pick([() => this.literal(), () => this.column(), () => random.pick(numbers)])();
    }
    const inner = (): string => this.expression(depth - 1);
    const group = (): readonly string[] => ["(", inner(), ")"];
    return this.words(...random.pick<() => readonly string[]>([
      group,
      () => [...group(), random.pick(operators), ...group()],
      () => [...group(), random.pick(operators), inner()],
      () => [random.pick(numbers), random.pick(numberOperators), random.pick(numbers)],
      () => ["f", "(", this.list(2, inner), ")"],
      () => ["case", "when", inner(), "then", inner(), "else", inner(), "end"],
      () => ["CASE", inner(), "WHEN", inner(), "THEN", inner(), "END"],
      () => ["cast", "(", inner(), "as", "text", ")"],
      () => [...group(), "::", "text"],
      () => ["array", "[", this.list(2, inner), "]"],
      () => ["(", "select", inner(), ")"],
      () => ["a", ".", random.pick(["end", "case", "begin", "b"])],
      () => ["f", "(", "x", random.pick(["=>", ":="]), inner(), ")"],
      () => ["a", "[", "1", ":", "2", "]"],
      () => [...group(), "operator", "(", "pg_catalog", ".", "+", ")", inner()],
      () => [`date${random.percent(50) ? "" : this.gap()}'2024-01-01'`],
    ])());
  }

  /**
   * The text with blanks for comments between the parts of a continued string: Postgres takes
   * them, libpg_query, which has comments as tokens, does not.
   */
  withoutBridges(text: string): string {
    return text.replace(bridge, (found) => " ".repeat(found.length));
  }

  #some(most: number, parts: readonly string[]): string {
    const { random } = this;
    return Array.from({ length: random.below(most + 1) }, () => random.pick(parts)).join("");
  }

  #plain(): string {
    return `'${this.#some(5, inStrings)}'`;
  }

  #escaped(): string {
    return `${this.random.pick(["E", "e"])}'${this.#some(5, inEscapeStrings)}'`;
  }
}
