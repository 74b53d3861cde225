/** Passwords that pgmate was given itself, blanked wherever they stand in what is shown. */

/**
 * Shorter ones and single words stand in texts for other reasons. To blank each "postgres" would
 * make nothing readable, and would tell what the password is.
 */
const shortest = 8;
const shortestWord = 16;

/** Whether it can be blanked without harm; `shown` is what is told of the connection anyway. */
export function canBeBlanked(secret: string, shown: string): boolean {
  const least = /^[a-z]*$/i.test(secret) ? shortestWord : shortest;
  return [...secret].length >= least && !shown.includes(secret);
}

/** For one stream: what is added is blanked from then on. */
export class KnownSecrets {
  /** As they may be written, the longest first, since one may be a part of another. */
  #forms: readonly string[] = [];

  add(secret: string): void {
    const forms = new Set([...this.#forms, ...formsOf(secret)]);
    this.#forms = [...forms].sort((left, right) => right.length - left.length);
  }

  /** As wide as it was, but for characters of two columns. */
  blank(text: string): string {
    return this.#forms.reduce(
      (so, form) => so.replaceAll(form, () => "*".repeat([...form].length)),
      text,
    );
  }
}

/** By itself, in a URL, in SQL and in JSON. */
function formsOf(secret: string): readonly string[] {
  const encoded = encodeURIComponent(secret);
  return [
    secret,
    encoded,
    encoded.replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    secret.replaceAll("'", "''"),
    JSON.stringify(secret).slice(1, -1),
  ];
}
