/** Names of relations as a review shows and compares them. */

/** Schema and name, each in quotes where SQL would need them. */
export function relationName(schema: string, name: string): string {
  return `${shown(schema)}.${shown(name)}`;
}

/** The schema and the name that `relationName` joined. */
export function partsOfName(joined: string): { readonly schema: string; readonly name: string } {
  const [, schema = "", name = ""] =
    /^("(?:[^"]|"")*"|[^."]*)\.("(?:[^"]|"")*"|[^."]*)$/.exec(joined) ?? [];
  return { schema: bare(schema), name: bare(name) };
}

function shown(part: string): string {
  return /^[a-z_][a-z0-9_$]*$/.test(part) ? part : `"${part.replaceAll('"', '""')}"`;
}

function bare(part: string): string {
  return part.startsWith('"') ? part.slice(1, -1).replaceAll('""', '"') : part;
}
