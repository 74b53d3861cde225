/** Texts as GitHub's Markdown shows them unchanged. */

/** Prose: no markup, no link, and nobody and no issue is mentioned. */
export function inline(text: string): string {
  return plain(text.replace(/[\\`*_{}[\]|~]|^(?=[-+#])|(?<=^\d+)\.(?=\s)/g, "\\$&"));
}

/** For the inside of HTML, where a backslash is nothing but that. */
function plain(text: string): string {
  return text
    .replace(/\s+/g, " ")
    .trim()
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    // A blank of no width: what GitHub looks for is not there any more.
    .replace(/(?<!\w)@(?=\w)|#(?=\d)|\bGH-(?=\d)/g, "$&\u{200b}");
}

/** With as many backticks around it as it takes. */
export function codeSpan(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  const marks = "`".repeat(longestRun(flat) + 1);
  const pad = flat.startsWith("`") || flat.endsWith("`") || flat.trim() === "" ? " " : "";
  return `${marks}${pad}${flat}${pad}${marks}`;
}

const mostLines = 60;
const mostCharacters = 6_000;

/** A block of code, of which only the beginning is shown where it is long. */
export function fenced(text: string, language: "sql" | "diff"): string {
  const marks = "`".repeat(Math.max(3, longestRun(text) + 1));
  const lines = text.replace(/\n$/, "").split("\n");
  const shown = lines.slice(0, mostLines).join("\n");
  const cut = [...shown.slice(0, mostCharacters)].join("").toWellFormed();
  const left = lines.length - mostLines;
  const remark = left > 0 ? `\n\n… and ${left} more lines`
    : cut.length < shown.length ? "\n\n… and more" : "";
  return `${marks}${language}\n${cut}\n${marks}${remark}`;
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}

/** Folded; the empty lines make GitHub read the inside as Markdown. */
export function details(summary: string, inside: string): string {
  return `<details><summary>${plain(summary)}</summary>\n\n${inside}\n\n</details>`;
}
