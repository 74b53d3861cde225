/** Blanks what may be a password before a line of SQL or a message is shown. */

/**
 * Literals after PASSWORD and in user mappings' options. Blanks keep their width, so that a
 * caret under the line stays where it belongs.
 */
export function redactSecrets(text: string): string {
  return text
    .replace(
      /(\b(?:password|passwd|pwd)\b\s*(?:=|=>|:)?\s*(?:E|U&)?)'((?:[^'\\]|''|\\.)*)('|$)/gi,
      (_, before: string, secret: string, end: string) => `${before}'${blank(secret)}${end}`,
    )
    .replace(
      /([a-z][a-z0-9+.-]*:\/\/[^\s:/@']*:)([^\s'"]+)@/gi,
      (_, before: string, secret: string) => `${before}${blank(secret)}@`,
    );
}

function blank(secret: string): string {
  return "*".repeat([...secret].length);
}
