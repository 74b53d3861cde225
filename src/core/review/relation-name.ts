/** Names of relations as a review shows and compares them. */

/** Schema and name, each in quotes where SQL would need them. */
export function relationName(schema: string, name: string): string {
  return `${shownName(schema)}.${shownName(name)}`;
}

/** The schema and the name that `relationName` joined. */
export function partsOfName(joined: string): { readonly schema: string; readonly name: string } {
  const [, schema = "", name = ""] =
    /^("(?:[^"]|"")*"|[^."]*)\.("(?:[^"]|"")*"|[^."]*)$/.exec(joined) ?? [];
  return { schema: bare(schema), name: bare(name) };
}

/** A name as SQL reads it again: in quotes where it needs them, but for words of SQL. */
export function shownName(name: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`;
}

function bare(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
