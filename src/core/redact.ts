/** Blanks what may be a password before a line of SQL or a message is shown. */

/** White space and comments. */
const gap = "(?:\\s|/\\*[^]*?\\*/|--[^\\n]*\\n)*";
/** As an option, a word of SQL, a key of a connection string or of a document. */
const name = `\\b(?:ssl)?(?:password|passwd|pwd)\\b"?${gap}(?:=>|=|:)?${gap}`;
/** A string's inside, up to the quote that ends it or to where the text was cut. */
const inside = "((?:[^'\\\\]|''|\\\\[^])*)('|$)";

/** Each has three parts: what stands before the secret, the secret, what stands behind it. */
const secrets: readonly RegExp[] = [
  // In a string inside of a string, as EXECUTE takes it, the quotes are doubled.
  new RegExp(`(${name}(?:E|U&)?'')([^']+)('')`, "gi"),
  new RegExp(`(${name}(?:E|U&)?')${inside}`, "gi"),
  new RegExp(`(${name}(\\$(?:[a-z_]\\w*)?\\$))([^]*?)(\\2|$)`, "gi"),
  /("(?:password|passwd|pwd)"\s*[:=]\s*")([^"]*)("|$)/gi,
  // host=… password=…, which does not end where a quote begins another string; a call is none.
  /((?<![?&])\b(?:ssl)?password=)((?![a-z_][\w.]*\()[^\s'"$]+)()/gi,
  /([?&](?:ssl)?password=)([^\s'"&]+)()/gi,
  // The server repeats a literal that it did not expect, such as one behind SET PASSWORD.
  new RegExp(`( at or near "(?:[EBXN]|U&)?')${inside}`, "gi"),
];

/**
 * Literals after PASSWORD, in user mappings' options, in connection strings and URLs. Blanks keep
 * lines and widths, so that a caret under a line stays where it belongs.
 */
export function redactSecrets(text: string): string {
  const redacted = secrets.reduce((so, pattern) => so.replace(pattern, blankSecret), text);
  return redactUrls(redacted).replace(
    /\buser\s+mapping\b[^;]{0,4000}?\boptions\s*\([^)]*/gi,
    (mapping) => mapping.replace(new RegExp(`(')${inside}`, "g"), blankSecret),
  );
}

/** A URL ends with its quotes, else with its line: a password that is not encoded may hold all. */
function redactUrls(text: string): string {
  return text.replace(
    /(['"`]?)(\b[a-z][a-z0-9+.-]*:\/\/[^\s:/?#'"`]*:)([^\n]*)/gi,
    (whole, quote: string, before: string, rest: string) => {
      const close = quote === "" ? -1 : rest.indexOf(quote);
      const inUrl = close === -1 ? rest : rest.slice(0, close);
      const length = passwordLength(before, inUrl);
      if (length === 0) return whole;
      const behind = redactUrls(rest.slice(length));
      return `${quote}${before}${blank(rest.slice(0, length))}${behind}`;
    },
  );
}

/** How much of what follows `scheme://user:` is the password; 0 where that is host and port. */
function passwordLength(before: string, rest: string): number {
  const word = /^\S*/.exec(rest)?.[0] ?? "";
  if (!/^postgres(?:ql)?:/i.test(before)) {
    return /^\d{1,5}(?:[/?]|$)/.test(word) ? 0 : Math.max(0, word.lastIndexOf("@"));
  }
  if (/^\d{1,5}(?:[/?,)]|$)/.test(word) && !word.includes("@")) return 0;
  // The last @ that a host and a path follow; a mail address may come behind the URL.
  const hosts = [...rest.matchAll(/@(?=(?:\[[^\]]*\]|[^\s@/?]*)[/?])/g)];
  return Math.max(0, hosts.at(-1)?.index ?? rest.lastIndexOf("@"));
}

function blank(secret: string): string {
  return secret.replace(/[^\r\n]/gu, "*");
}

/** The secret is the last but one of the groups, whatever a pattern needs before it. */
function blankSecret(match: string, ...groups: readonly unknown[]): string {
  const texts = groups.slice(0, groups.findIndex((group) => typeof group === "number"));
  const [before, secret, behind] = [texts[0], texts.at(-2), texts.at(-1)].map(String);
  if (before === undefined || secret === undefined || behind === undefined) return match;
  return `${before}${blank(secret)}${behind}`;
}
