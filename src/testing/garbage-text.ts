/** Spoils texts, bytes and lists of words, a little or beyond recognition. */
import { awkward } from "./garbage-secret.ts";
import type { Random } from "./seeded.ts";

/** Pieces of SQL, markers and settings at which a reader changes what it takes the rest for. */
const fragments: readonly string[] = [
  "-- migrate:up", "\n-- migrate:up\n", "\n-- migrate:down\n", "-- migrate:up transaction:false\n",
  "-- migrate:up lock_timeout:1s\n", "--migrate:down", "transaction:", "'", "''", "\"", "$$",
  "$a$", "$", "/*", "*/", "--", "\n", "\r\n", "\r", "\t", " ", ";", ";;", "\\", "\\.\n",
  "\n\\.\n", "(", ")",
  "copy t from stdin;\n", "copy t to stdout;", "1\t2\n", "begin;", "commit;", "begin atomic ",
  "end;",
  "case ", "E'\\", "U&'", "B'", "\\restrict x\n", "\\i x\n", "select 1;", "create table t (a int);",
  "set local x = 1;", "vacuum;", "create index concurrently i on t (a);", "\ufeff",
  "\u2028",
  "ü", "😀", "\u202e", "=", "#", "${A}", "$A", "[x]", "0", "-1", "9".repeat(30), "é".repeat(9),
  "password '", "postgres://", "e".repeat(300),
];

/** Bytes that begin, continue or break characters of UTF-8. */
const oddBytes = [0x00, 0x80, 0xbf, 0xc0, 0xc3, 0xe2, 0xed, 0xf0, 0xf5, 0xff, 0x1b, 0x7f];

/** The text with up to `most` places spoilt; the same text where it was lucky. */
export function spoilText(random: Random, text: string, most: number): string {
  let spoilt = text;
  for (let left = random.below(most + 1); left > 0; left -= 1) {
    const at = random.below(spoilt.length + 1);
    const end = Math.min(spoilt.length, at + 1 + random.below(random.percent(20) ? 200 : 4));
    const [before, cut, after] = [spoilt.slice(0, at), spoilt.slice(at, end), spoilt.slice(end)];
    spoilt = random.pick([
      () => before + after,
      () => before + cut + cut + after,
      () => `${before}${random.pick(fragments)}${cut}${after}`,
      () => `${before}${random.pick(fragments)}${after}`,
      () => `${before}${random.pick(awkward)}${cut}${after}`,
      () => before + [...cut].reverse().join("") + after,
      () => (random.percent(10) ? before : spoilt),
      () => before + cut.toUpperCase() + after,
    ])();
  }
  return spoilt;
}

/** The bytes of the text, spoilt as text and then as bytes. */
export function spoilBytes(random: Random, text: string, most: number): Uint8Array {
  const bytes = Buffer.from(spoilText(random, text, most));
  if (random.percent(90)) return bytes;
  const spoilt = [...bytes];
  for (let left = 1 + random.below(3); left > 0; left -= 1) {
    spoilt.splice(random.below(spoilt.length + 1), random.below(2), random.pick(oddBytes));
  }
  return Uint8Array.from(spoilt);
}

/** Text of nothing but fragments. */
export function fragmentText(random: Random, most: number): string {
  return Array.from({ length: random.below(most + 1) }, () => random.pick(fragments)).join("");
}

/** A value that an option, a variable or a setting may be given by somebody who is tired. */
export function garbageValue(random: Random): string {
  return random.pick([
    () => "", () => " ", () => "0", () => "-1", () => "true", () => "FALSE", () => "no", () => "5s",
    () => "1e9", () => "9".repeat(40), () => "0x10", () => "1h30", () => "ms", () => "1.5.2s",
    () => "infinity", () => "NaN", () => "null", () => "undefined", () => "a b", () => "a,b,,c",
    () => ",", () => "..", () => "/nowhere/at/all", () => "~/x", () => "a.b.c", () => ".",
    () => "*",
    () => "\"q\"", () => "'q'", () => "--help", () => "-", () => "--", () => "\u001b[31mred",
    () => "\u202eright", () => "ü😀", () => "x".repeat(5_000), () => "$(id)", () => "%s%n",
    () => "__proto__", () => "constructor", () => "toString", () => "{}", () => "[]", () => "a=b",
    () => random.pick(awkward), () => fragmentText(random, 4).replaceAll("\0", ""),
  ])();
}

/** Drops, doubles and exchanges items. */
export function spoilList<Item>(random: Random, items: readonly Item[], most: number): Item[] {
  const spoilt = [...items];
  for (let left = random.below(most + 1); left > 0 && spoilt.length > 0; left -= 1) {
    const at = random.below(spoilt.length);
    const other = random.below(spoilt.length);
    const item = spoilt[at] as Item;
    random.pick([
      () => spoilt.splice(at, 1),
      () => spoilt.splice(other, 0, item),
      () => spoilt.splice(other, 0, ...spoilt.splice(at, 1)),
    ])();
  }
  return spoilt;
}

/** The word with one letter missing, doubled, exchanged or in another case. */
export function misspell(random: Random, word: string): string {
  const at = random.below(word.length);
  const [before, letter, after] = [word.slice(0, at), word.charAt(at), word.slice(at + 1)];
  return random.pick([
    before + after,
    before + letter + letter + after,
    before + String.fromCharCode(97 + random.below(26)) + after,
    before + letter.toUpperCase() + after,
    `${before}_${after}`,
  ]);
}
