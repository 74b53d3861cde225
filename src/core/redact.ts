/** Blanks what may be a password before a line of SQL or a message is shown. */

/** As an option, a word of SQL, a key of a connection string or of a document. */
const name = "\\b(?:ssl)?(?:password|passwd|pwd)\\b\"?\\s*(?:=>|=|:)?\\s*";
/** A string's inside, up to the quote that ends it or to where the text was cut. */
const inside = "((?:[^'\\\\]|''|\\\\[^])*)('|$)";

/** Each has three parts: what stands before the secret, the secret, what stands behind it. */
const secrets: readonly RegExp[] = [
  // In a string inside of a string, as EXECUTE takes it, the quotes are doubled.
  new RegExp(`(${name}(?:E|U&)?'')([^']+)('')`, "gi"),
  new RegExp(`(${name}(?:E|U&)?')${inside}`, "gi"),
  new RegExp(`(${name}(\\$(?:[a-z_]\\w*)?\\$))([^]*?)(\\2|$)`, "gi"),
  /("(?:password|passwd|pwd)"\s*[:=]\s*")([^"]*)("|$)/gi,
  // host=… password=…, which does not end where a quote begins another string.
  /(\b(?:ssl)?password=)([^\s'"$]+)()/gi,
  /([a-z][a-z0-9+.-]*:\/\/[^\s:/@']*:)([^\s'"]+)(@)/gi,
  // The server repeats a literal that it did not expect, such as one behind SET PASSWORD.
  new RegExp(`( at or near "(?:[EBXN]|U&)?')${inside}`, "gi"),
];

/**
 * Literals after PASSWORD, in user mappings' options, in connection strings and URLs. Blanks keep
 * lines and widths, so that a caret under a line stays where it belongs.
 */
export function redactSecrets(text: string): string {
  const redacted = secrets.reduce((so, pattern) => so.replace(pattern, blankSecret), text);
  return redacted.replace(
    /\buser\s+mapping\b[^;]*?\boptions\s*\([^)]*/gi,
    (mapping) => mapping.replace(new RegExp(`(')${inside}`, "g"), blankSecret),
  );
}

/** The secret is the last but one of the groups, whatever a pattern needs before it. */
function blankSecret(match: string, ...groups: readonly unknown[]): string {
  const texts = groups.slice(0, groups.findIndex((group) => typeof group === "number"));
  const [before, secret, behind] = [texts[0], texts.at(-2), texts.at(-1)].map(String);
  if (before === undefined || secret === undefined || behind === undefined) return match;
  return `${before}${secret.replace(/[^\r\n]/gu, "*")}${behind}`;
}
