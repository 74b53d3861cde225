/** Quotes names and literals for PostgreSQL, and reads names that people write. */

/** A double-quoted identifier; always quoted, so that no keyword list is needed. */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A string literal that means the same whatever standard_conforming_strings says. */
export function quoteLiteral(text: string): string {
  const doubled = text.replaceAll("'", "''");
  return text.includes("\\") ? `E'${doubled.replaceAll("\\", "\\\\")}'` : `'${doubled}'`;
}

/** A table by schema and name, both as stored in the catalog. */
export interface TableName {
  readonly schema: string;
  readonly table: string;
}

export function quoteTable(name: TableName): string {
  return `${quoteIdentifier(name.schema)}.${quoteIdentifier(name.table)}`;
}

/**
 * The items of a search_path setting by PostgreSQL's rules: unquoted names are folded to lower
 * case, doubled quotes inside quoted ones are one. `$user` comes back as it is written.
 */
export function searchPathItems(setting: string): readonly string[] {
  const items: string[] = [];
  for (const match of setting.matchAll(/"((?:[^"]|"")*)"|([^,\s"]+)/g)) {
    const [, quoted, plain] = match;
    if (quoted !== undefined) items.push(quoted.replaceAll('""', '"'));
    // Only ASCII letters, as the server does it in a database with UTF-8.
    else if (plain !== undefined) items.push(plain.replace(/[A-Z]/g, (c) => c.toLowerCase()));
  }
  return items;
}
