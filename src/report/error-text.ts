/** Errors as people read them: where, the line, what the server said, what now, what next. */

import { excerpt, printable } from "../core/position.ts";
import { redactSecrets } from "../core/redact.ts";
import type { PgmateError, Place, ServerMessage } from "../errors.ts";

/** The lines of an error, without line ends; the first begins with dbmate's `Error: `. */
export function errorLines(error: PgmateError, style: "plain" | "colour"): readonly string[] {
  const { at, server } = error;
  const label = style === "colour" ? "\u001b[1;31mError:\u001b[0m" : "Error:";
  const lines = [` ${errorHead(error)}`];
  if (at !== undefined) lines.push("", ...placeLines(at), "");
  if (server !== undefined) lines.push(...serverLines(server, error.message));
  if (error.state !== undefined) lines.push(`State: ${redactSecrets(error.state)}`);
  if (error.hint !== undefined) lines.push(`Next: ${redactSecrets(error.hint)}`);
  return lines.map((line, index) => (index === 0 ? label + printable(line) : printable(line)));
}

/** Where, what, and the server's code. */
export function errorHead({ at, server, message }: PgmateError): string {
  const where = at === undefined ? "" : `${at.file}:${at.line}:${at.column}: `;
  const code = server === undefined ? "" : ` (SQLSTATE ${server.code})`;
  return `${where}${redactSecrets(message)}${code}`;
}

/** A NOTICE or WARNING of the server. */
export function noticeLines(notice: ServerMessage): readonly string[] {
  const { severity, message } = notice;
  return [`${severity}: ${redactSecrets(message)}`, ...serverLines(notice, message)].map(printable);
}

function placeLines(at: Place): readonly string[] {
  const { line, caret } = excerpt({ ...at, text: redactSecrets(at.text) });
  const number = String(at.line);
  return [`  ${number} | ${line}`, `  ${" ".repeat(number.length)} | ${caret}`];
}

/** The server's own words follow where what was `said` does not hold them. */
function serverLines(server: ServerMessage, said: string): readonly string[] {
  const lines: string[] = [];
  const add = (label: string, text: string | undefined): void => {
    if (text === undefined || text === "") return;
    const [first = "", ...rest] = redactSecrets(text).split("\n");
    lines.push(`${label}: ${first}`, ...rest.map((line) => `  ${line}`));
  };
  if (!said.includes(server.message)) add("Server", server.message);
  add("Detail", server.detail);
  add("Hint", server.hint);
  add("Context", server.where);
  add("Query", server.internalQuery);
  return lines;
}
