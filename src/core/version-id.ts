/** Versions: the digits a migration's file name begins with, always text, never a number. */

/** What a file name says of itself. */
export interface FileNameParts {
  readonly version: string;
  /** What stands between the version and `.sql`, without a leading separator. */
  readonly description: string;
}

/** The parts of a migration's file name; undefined for a file that is none (no digits, no .sql). */
export function parseFileName(name: string): FileNameParts | undefined {
  const match = /^([0-9]+)[_\-. ]*([^\n]*)\.sql$/.exec(name);
  return match === null ? undefined : { version: match[1] ?? "", description: match[2] ?? "" };
}

const highUnits = /[\ud800-\uffff]/;

/** dbmate's order: the bytes of the file name, which is no numeric order where widths differ. */
export function compareNames(left: string, right: string): number {
  if (left === right) return 0;
  // UTF-16 order is UTF-8 order but for surrogates, and names are nearly always plain.
  if (highUnits.test(left) || highUnits.test(right)) {
    return Buffer.compare(Buffer.from(left), Buffer.from(right));
  }
  return comparePlain(left, right);
}

/** The same order for many, which are looked at once instead of in every comparison. */
export function sortByName<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => string,
): readonly Item[] {
  const named = items.map((item) => ({ item, name: nameOf(item) }));
  const isPlain = !named.some(({ name }) => highUnits.test(name));
  const compare = isPlain ? comparePlain : compareNames;
  return named.sort((left, right) => compare(left.name, right.name)).map(({ item }) => item);
}

function comparePlain(left: string, right: string): number {
  return left < right ? -1 : Number(left > right);
}

/** `20240131235959` in UTC, dbmate's form. */
export function timestampVersion(now: Date): string {
  return now.toISOString().replace(/\D/g, "").slice(0, 14);
}

/** The number after the highest, in the width that is there; `000001` where there is none. */
export function sequentialVersion(versions: readonly string[]): string {
  let highest = 0n;
  let width = versions.length === 0 ? 6 : 0;
  for (const version of versions) {
    const number = BigInt(version);
    if (number > highest) highest = number;
    width = Math.max(width, version.length);
  }
  return (highest + 1n).toString().padStart(width, "0");
}

/** Whether the versions have several widths, so that their order as names surprises. */
export function haveMixedWidths(versions: readonly string[]): boolean {
  return new Set(versions.map((version) => version.length)).size > 1;
}
