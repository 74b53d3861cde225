/** HTML in which every text is escaped, unless it is HTML that was made here. */

/** Only `html` makes it: a text cannot be taken for it. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

type Value = string | number | Markup | readonly Markup[] | undefined;

/** A template: what stands in `${}` is text, or HTML from another template, or a list of that. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Markup {
  const texts = parts.map((part, index) => part + shown(values[index]));
  return new Markup(texts.join(""));
}

function shown(value: Value): string {
  if (value === undefined) return "";
  if (value instanceof Markup) return value.text;
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  return value.map(({ text }) => text).join("");
}

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;",
};

/** For element contents and for attributes in quotes. */
function escaped(text: string): string {
  return text.toWellFormed().replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** Texts with something between them. */
export function joined(parts: readonly Markup[], between: string): Markup {
  return new Markup(parts.map(({ text }) => text).join(escaped(between)));
}
