/** Lists of names as a sentence can bear them. */

const most = 6;

/** `a, b, c`; of many the first ones, and how many more there are. */
export function shownList(names: readonly string[]): string {
  if (names.length <= most) return names.join(", ");
  return `${names.slice(0, most - 1).join(", ")} and ${names.length - most + 1} more`;
}

/** `a is`, `a, b are`. */
export function shownAs(names: readonly string[]): string {
  return `${shownList(names)} ${names.length === 1 ? "is" : "are"}`;
}
