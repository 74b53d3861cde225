/** Lines for a terminal: words wrapped to a width, labels in front, colours for verdicts. */

import type { RiskClass } from "../core/review/rule.ts";

/** What a terminal of the usual 80 columns shows without breaking lines itself. */
export const textWidth = 80;

export type TextStyle = "plain" | "colour";

/** The words of a text on as few lines as fit; a word that is wider than a line stays whole. */
export function wrapped(text: string, width: number): readonly string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(/\s+/).filter((one) => one !== "")) {
    const longer = line === "" ? word : `${line} ${word}`;
    if (line !== "" && Bun.stringWidth(longer) > width) {
      lines.push(line);
      line = word;
    } else {
      line = longer;
    }
  }
  return line === "" ? lines : [...lines, line];
}

/** Line breaks of the text are kept, as those of SQL, and what is too wide is wrapped. */
export function wrappedLines(text: string, width: number): readonly string[] {
  return text.split("\n").flatMap((line) => {
    const [indent = ""] = /^\s*/.exec(line) ?? [];
    if (Bun.stringWidth(line) <= width) return [line.trimEnd()];
    return wrapped(line, width - indent.length).map((one) => indent + one);
  });
}

/** A column of its own for the label, and the lines of what it labels beside it. */
export function labelled(
  label: string,
  lines: readonly string[],
  { indent, column, style }: {
    readonly indent: number; readonly column: number; readonly style: TextStyle;
  },
): readonly string[] {
  const first = " ".repeat(indent) + dim(label.padEnd(column), style);
  return lines.map((line, index) =>
    `${index === 0 ? first : " ".repeat(indent + column)}${line}`.trimEnd(),
  );
}

const colours: Readonly<Record<RiskClass, string>> = {
  advice: "36", safe: "32", risky: "33", breaking: "1;31", error: "1;31",
};

export function inColour(text: string, one: RiskClass, style: TextStyle): string {
  return style === "colour" ? `\u001b[${colours[one]}m${text}\u001b[0m` : text;
}

export function bold(text: string, style: TextStyle): string {
  return style === "colour" ? `\u001b[1m${text}\u001b[0m` : text;
}

export function dim(text: string, style: TextStyle): string {
  return style === "colour" ? `\u001b[2m${text}\u001b[0m` : text;
}

const diffColours: Readonly<Record<string, string>> = { "+": "32", "-": "31", "@": "36" };

/** The first lines of a unified diff, and how many were left out. */
export function diffLines(diff: string, most: number, style: TextStyle): readonly string[] {
  const lines = diff.replace(/\n$/, "").split("\n");
  const shown = lines.slice(0, most).map((line) => {
    const colour = diffColours[line.slice(0, 1)];
    return style === "plain" || colour === undefined ? line : `\u001b[${colour}m${line}\u001b[0m`;
  });
  const left = lines.length - shown.length;
  return left === 0 ? shown : [...shown, dim(`… ${left} more lines`, style)];
}
