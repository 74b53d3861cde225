/** Passwords that are hard to keep to oneself, and the search for any trace of one in a text. */
import type { Random } from "./seeded.ts";

export interface Secret {
  readonly text: string;
  /** Each way in which the whole or six characters of it might show. */
  traces(): readonly string[];
}

const letters = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";
/** What URLs, shells, .env files, passfiles and SQL take for something else. */
export const awkward = [
  " ", "@", "#", "%", ":", "/", "?", "'", "\"", "\\", "ü", "€", "😀", "&", "=", "+", "$", "`", ";",
  "[", "]", "{", "|", "<", "~", "!", ",", "%41", "''", "$$", "://", "?a=", "\t",
] as const;

const pieceLength = 6;
/** A piece with fewer letters and digits may stand in a text for another reason. */
const leastLetters = 5;

/** `plainness`: letters and digits only, or with the characters that are awkward in between. */
export function makeSecret(random: Random, plainness: "plain" | "awkward"): Secret {
  const characters = Array.from({ length: 10 + random.below(14) }, () =>
    letters.charAt(random.below(letters.length)));
  const count = plainness === "plain" ? 0 : 1 + random.below(4);
  for (let i = 0; i < count; i += 1) {
    characters.splice(random.below(characters.length + 1), 0, random.pick(awkward));
  }
  return secretOf(characters.join(""));
}

export function secretOf(text: string): Secret {
  let traces: readonly string[] | undefined;
  return { text, traces: () => (traces ??= tracesOf(text)) };
}

function tracesOf(text: string): readonly string[] {
  const characters = [...text];
  const pieces = characters
    .map((_, at) => characters.slice(at, at + pieceLength).join(""))
    .filter((piece) => piece.replace(/[^A-Za-z0-9]/g, "").length >= leastLetters);
  return [...new Set([text, ...pieces].flatMap(forms))];
}

/** The first trace of the secret in what was shown; undefined where there is none. */
export function traceOf(secret: Secret, shown: string): string | undefined {
  return secret.traces().find((trace) => shown.includes(trace));
}

/** As it is, as URLs and their query forms have it, and as JSON, SQL and passfiles quote it. */
function forms(text: string): readonly string[] {
  const bytes = [...new TextEncoder().encode(text)];
  const escaped = bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
  return [
    text,
    encodeURIComponent(text),
    encodeURIComponent(text).replace(/%[0-9A-F]{2}/g, (escape) => escape.toLowerCase()),
    encodeURIComponent(text).replaceAll("%20", "+"),
    escaped,
    escaped.toUpperCase(),
    JSON.stringify(text).slice(1, -1),
    text.replaceAll("'", "''"),
    text.replace(/[\\:]/g, "\\$&"),
  ];
}

/** As a line of a passfile has it. */
export function passfileField(text: string): string {
  return text.replace(/[\\:]/g, "\\$&");
}
