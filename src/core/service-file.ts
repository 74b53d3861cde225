/** pg_service.conf: the connection settings that stand there under a service's name. */

/** The settings of the first section of that name; undefined when there is none. */
export function lookUpService(
  text: string,
  service: string,
): ReadonlyMap<string, string> | undefined {
  let found: Map<string, string> | undefined;
  for (const raw of text.split(/\r?\n/)) {
    const line = raw.trim();
    if (line === "" || line.startsWith("#")) continue;
    if (line.startsWith("[")) {
      if (found !== undefined) return found;
      if (line === `[${service}]`) found = new Map();
      continue;
    }
    const equals = line.indexOf("=");
    if (found === undefined || equals === -1) continue;
    const name = line.slice(0, equals).trim();
    // As in libpq, the first of several lines with one name counts.
    if (!found.has(name)) found.set(name, line.slice(equals + 1).trim());
  }
  return found;
}
