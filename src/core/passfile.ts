/** libpq's password file: which line of it, if any, has the password for a connection. */

export interface PasswordQuestion {
  /** The host's name as it was given, or the folder of a Unix socket. */
  readonly host: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
}

/** libpq looks for these as "localhost": where servers keep their socket unless told otherwise. */
const defaultSocketFolders: ReadonlySet<string> = new Set(["/var/run/postgresql", "/tmp"]);

/**
 * The password of the first line `host:port:database:user:password` that fits; undefined when
 * none does. A backslash takes the meaning from a colon or a backslash, a field `*` fits all.
 */
export function lookUpPassword(
  passfileText: string,
  question: PasswordQuestion,
): string | undefined {
  const host = defaultSocketFolders.has(question.host) ? "localhost" : question.host;
  const wanted = [host, String(question.port), question.database, question.user];
  for (const line of passfileText.split(/\r?\n/)) {
    if (line === "" || line.startsWith("#")) continue;
    const fields = splitFields(line);
    const fits = wanted.every((value, index) => {
      const field = fields[index];
      return field !== undefined && (field === "*" || unescape(field) === value);
    });
    const password = fields[wanted.length];
    if (!fits || password === undefined) continue;
    return password === "" ? undefined : unescape(password);
  }
  return undefined;
}

/** Raw, because an escaped `\*` is a name and no wildcard. */
function splitFields(line: string): readonly string[] {
  const fields: string[] = [];
  let field = "";
  for (const [piece] of line.matchAll(/\\.|./gsu)) {
    if (piece !== ":") {
      field += piece;
      continue;
    }
    fields.push(field);
    field = "";
  }
  return [...fields, field];
}

function unescape(field: string): string {
  return field.replace(/\\(.)/gsu, "$1");
}
