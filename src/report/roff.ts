/** Text as the language of manual pages has it. */

const width = 80;

/** Characters that mean something else, or look otherwise, where they stand as they are. */
const escapes: Readonly<Record<string, string>> = {
  "\\": "\\(rs",
  "-": "\\-",
  "'": "\\(aq",
  "`": "\\(ga",
  "^": "\\(ha",
  "~": "\\(ti",
  "…": "...",
};

/** A text that is set as it stands; what is no ASCII is named by its number. */
export function roffText(text: string): string {
  return [...text].map((character) => escapes[character] ?? named(character)).join("");
}

function named(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x80) return character;
  return `\\[u${code.toString(16).toUpperCase().padStart(4, "0")}]`;
}

/** A paragraph, in lines; what stands in backticks is what is typed, and bold. */
export function roffParagraph(text: string): readonly string[] {
  const pieces = text.split("`").map((piece, index) =>
    index % 2 === 1 ? roffBold(piece) : roffText(piece),
  );
  const lines: string[] = [];
  let line = "";
  for (const word of pieces.join("").split(" ")) {
    if (line !== "" && line.length + word.length >= width) {
      lines.push(line);
      line = "";
    }
    line = line === "" ? word : `${line} ${word}`;
    // A new sentence begins a line, so that it is set as one.
    if (/[\w)]\.$/.test(word)) {
      lines.push(line);
      line = "";
    }
  }
  return (line === "" ? lines : [...lines, line]).map(asText);
}

/** An example as it is typed, line by line. */
export function roffExample(lines: readonly string[]): readonly string[] {
  return [".PP", ".RS 4", ".nf", ...lines.map((line) => asText(roffText(line))), ".fi", ".RE"];
}

export function roffBold(text: string): string {
  return `\\fB${roffText(text)}\\fR`;
}

export function roffItalic(text: string): string {
  return `\\fI${roffText(text)}\\fR`;
}

/** What begins with a dot would be a request. */
function asText(line: string): string {
  return line.startsWith(".") ? `\\&${line}` : line;
}
