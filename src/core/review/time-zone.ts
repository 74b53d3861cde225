/** Which names of time zones mean UTC to Postgres, at all times. */

const ofUtc: ReadonlySet<string> = new Set([
  "utc", "uct", "gmt", "gmt0", "gmt+0", "gmt-0", "greenwich", "universal", "zulu", "etc/utc",
  "etc/uct", "etc/gmt", "etc/gmt0", "etc/gmt+0", "etc/gmt-0", "etc/greenwich", "etc/universal",
  "etc/zulu", "<+00>-00", "<-00>+00",
]);

/** A place that has UTC today had a local time before, and does not count. */
export function isUtc(timeZone: string): boolean {
  return ofUtc.has(timeZone.toLowerCase());
}
