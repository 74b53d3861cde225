/** Reads the lines of a log that the built pgmate wrote, and says which of them is none. */
import { PgmateError } from "../errors.ts";

export type LogLine = Readonly<Record<string, unknown>>;

const longestBytes = 16 * 1024;

/** All of stderr must be lines of JSON, each with what every line has. */
export function logLines(stderr: string): readonly LogLine[] {
  if (stderr === "") return [];
  if (!stderr.endsWith("\n")) throw new PgmateError("tool", `no line end: ${stderr.slice(-200)}`);
  return stderr.slice(0, -1).split("\n").map((text) => {
    const line = parsed(text);
    const { time, level, event, message } = line;
    const isWhole =
      /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/.test(String(time)) &&
      ["debug", "info", "warn", "error"].includes(String(level)) &&
      /^[a-z]+(?:-[a-z]+)*$/.test(String(event)) && typeof message === "string";
    if (!isWhole) throw new PgmateError("tool", `no line of a log: ${text}`);
    if (Buffer.byteLength(text) >= longestBytes) throw new PgmateError("tool", "it is too long");
    return line;
  });
}

/** Their names in order. */
export function eventNames(lines: readonly LogLine[]): readonly string[] {
  return lines.map(({ event }) => String(event));
}

/** The only one of that name. */
export function only(lines: readonly LogLine[], event: string): LogLine {
  const [found, ...more] = lines.filter((line) => line["event"] === event);
  if (found !== undefined && more.length === 0) return found;
  throw new PgmateError("tool", `not one ${event}: ${eventNames(lines).join(" ")}`);
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text);
  } catch {
    throw new PgmateError("tool", `no JSON: ${text}`);
  }
}
