/** Blanks what may be a password before a line of SQL or a message is shown. */

/**
 * White space and comments, each of a length that somebody may write there: without bounds, and
 * with two ways to read the same text, a long one would be read again and again.
 */
const comment = "(?:/\\*(?:[^*]|\\*(?!/)){0,300}\\*/|--[^\\n]{0,300}\\n)";
const gap = `\\s{0,200}(?:${comment}\\s{0,200}){0,5}`;
/** As an option, a word of SQL, a key of a connection string or of a document. */
const name = `\\b(?:ssl)?(?:password|passwd|pwd)\\b"?${gap}(?:(?:=>|=|:)${gap})?`;
/**
 * A string's inside, up to the quote that ends it or to where the text was cut: as it is where a
 * backslash is nothing but itself, and as it is where it takes the meaning from a quote.
 */
const insides = ["([^']*(?:''[^']*)*)", "([^'\\\\]*(?:(?:''|\\\\[^])[^'\\\\]*)*)"] as const;

/** Each has what stands before the secret and the secret as its groups. */
const secrets: readonly RegExp[] = [
  // In a string inside of a string, as EXECUTE takes it, the quotes are doubled.
  new RegExp(`(${name}(?:E|U&)?'')([^']+)''`, "dgi"),
  ...insides.map((inside) => new RegExp(`(${name}(?:E|U&)?')${inside}`, "dgi")),
  new RegExp(`(${name}\\$(?<tag>[a-z_]\\w*)?\\$)([^]*?)(?:\\$\\k<tag>\\$|$)`, "dgi"),
  /("(?:password|passwd|pwd)"\s*[:=]\s*")([^"]*)/dgi,
  // host=… password=…, which does not end where a quote begins another string; a call is none.
  /((?<![?&])\b(?:ssl)?password=)((?![a-z_][\w.]*\()[^\s'"$]+)/dgi,
  /([?&](?:ssl)?password=)([^\s'"&]+)/dgi,
  // The server repeats a literal that it did not expect, such as one behind SET PASSWORD.
  ...insides.map((inside) => new RegExp(`( at or near "(?:[EBXN]|U&)?')${inside}`, "dgi")),
  // A URL without its scheme, or with its slashes lost.
  /((?<![\w.%:/-])[\w.%-]{1,63}:)([^\s/'"`][^\s'"`]{0,200}?)(?=@[\w.-]{1,63}(?::\d+)?\/\w)/dgi,
];

/** None of what is looked for is without one of these; most statements have none of them. */
const mayHoldSecret = /passw|pwd|mapping|at or near|@|:\//i;

/** What of the text is a secret, by index: from `start` up to, not including, `end`. */
interface Found {
  readonly start: number;
  readonly end: number;
}

/**
 * Literals after PASSWORD, in user mappings' options, in connection strings and URLs. Blanks keep
 * lines and widths, so that a caret under a line stays where it belongs.
 */
export function redactSecrets(text: string): string {
  if (!mayHoldSecret.test(text)) return text;
  const found = [...secrets.flatMap((pattern) => matches(pattern, text)), ...inMappings(text)];
  return blankAll(text, [...found, ...inUrls(text)]);
}

/**
 * A match may begin within another: after a quote that is text, in a comment, what is taken for
 * the inside of a string is its outside, and the next secret stands in it.
 */
function matches(pattern: RegExp, text: string): readonly Found[] {
  const found: Found[] = [];
  pattern.lastIndex = 0;
  for (let match = pattern.exec(text); match !== null; match = pattern.exec(text)) {
    const [start, end] = match.indices?.at(match.length - 1) ?? [match.index, match.index];
    found.push({ start, end });
    pattern.lastIndex = Math.max(start, match.index + 1);
  }
  return found;
}

const mapping = /(\buser\s+mapping\b[^;]{0,4000}?\boptions\s*\()([^)']*(?:'[^']*'?[^)']*)*)/gi;
const literals = insides.map((inside) => new RegExp(`'${inside}'?`, "g"));

/** One after the other, since here each quote means what it is. */
function inMappings(text: string): readonly Found[] {
  return [...text.matchAll(mapping)].flatMap(({ index, 1: before = "", 2: options = "" }) =>
    literals.flatMap((pattern) =>
      [...options.matchAll(pattern)].map(({ index: quote, 1: secret = "" }) => {
        const start = index + before.length + quote + 1;
        return { start, end: start + secret.length };
      }),
    ),
  );
}

/** The scheme, the slashes and the user, up to the colon before the password. */
const urlStart = new RegExp(
  "(['\"`]?)\\b(?:(postgres(?:ql)?):/{1,3}[^:/?#'\"`\\n]{0,100}" +
    "|[a-z][a-z0-9+.-]{0,30}://[^\\s:/?#'\"`]{0,100}):",
  "gi",
);
const longestUrl = 2_000;
/** What hints show as the form of a URL. */
const exampleUrl = "postgres://user:password@host:port/name";

/** A URL ends with its quotes, else with its line: a password that is not encoded may hold all. */
function inUrls(text: string): readonly Found[] {
  const found: Found[] = [];
  urlStart.lastIndex = 0;
  for (let match = urlStart.exec(text); match !== null; match = urlStart.exec(text)) {
    const [, quote = "", postgres] = match;
    const start = urlStart.lastIndex;
    const [line = ""] = /^[^\n]*/.exec(text.slice(start, start + longestUrl)) ?? [];
    if (text.startsWith(exampleUrl, match.index + quote.length)) continue;
    const inUrl = quote === "" ? line : line.slice(0, closeOf(line, quote));
    const length = passwordLength(postgres === undefined ? "another" : "postgres", inUrl);
    if (length > 0) found.push({ start, end: start + length });
    urlStart.lastIndex = start + length;
  }
  return found;
}

/** Where the quote is; doubled, or behind a backslash in a document, it stands for itself. */
function closeOf(line: string, quote: string): number {
  let at = line.indexOf(quote);
  while (at !== -1) {
    const isEscaped = quote === '"' && line[at - 1] === "\\";
    if (!isEscaped && line[at + 1] !== quote) return at;
    at = line.indexOf(quote, at + (isEscaped ? 1 : 2));
  }
  return line.length;
}

/** How much of what follows `scheme://user:` is the password; 0 where that is host and port. */
function passwordLength(scheme: "postgres" | "another", rest: string): number {
  const word = /^\S*/.exec(rest)?.[0] ?? "";
  if (scheme === "another") {
    return /^\d{1,5}(?:[/?]|$)/.test(word) ? 0 : Math.max(0, word.lastIndexOf("@"));
  }
  if (/^\d{1,5}(?:[/?,)]|$)/.test(word) && !word.includes("@")) return 0;
  // The last @ that a host and a path follow; a mail address may come behind the URL.
  const hosts = [...rest.matchAll(/@(?=(?:\[[^\]]{0,60}\]|[^\s@/?]{0,300})[/?])/g)];
  return Math.max(0, hosts.at(-1)?.index ?? rest.lastIndexOf("@"));
}

function blankAll(text: string, found: readonly Found[]): string {
  let blanked = "";
  let at = 0;
  for (const { start, end } of found.toSorted((left, right) => left.start - right.start)) {
    if (end <= at) continue;
    const from = Math.max(start, at);
    blanked += text.slice(at, from) + blank(text.slice(from, end));
    at = end;
  }
  return blanked + text.slice(at);
}

function blank(secret: string): string {
  return secret.replace(/[^\r\n]/gu, "*");
}
