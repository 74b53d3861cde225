/** What counts for a checksum and what does not, and the values that must stay for ever. */

import { expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import { scripts } from "../testing/sql-corpus.ts";
import { Checksum } from "./checksum.ts";
import { split, Splitter } from "./split.ts";

function checksum(text: string | Uint8Array, options: readonly string[] = []): string {
  const sum = new Checksum();
  sum.section(options);
  for (const piece of split(text)) sum.piece(piece);
  return sum.digest();
}

/** The definition once more, in its own words: letter, length, bytes. */
function written(...records: readonly (readonly [letter: string, text: string | Uint8Array])[]) {
  const parts = records.map(([letter, text]) => {
    const bytes = Buffer.from(text as string);
    const low = bytes.length % 128;
    const length = bytes.length < 128 ? [low] : [low + 128, Math.floor(bytes.length / 128)];
    return Buffer.concat([Buffer.from(letter), Buffer.from(length), bytes]);
  });
  return `v1:${new Bun.CryptoHasher("sha256").update(Buffer.concat(parts)).digest("hex")}`;
}

function sha256(text: string): Uint8Array {
  return new Bun.CryptoHasher("sha256").update(text).digest();
}

const golden: readonly (readonly [text: string, options: readonly string[], sum: string])[] = [
  ["", [],
    "v1:902df77c0dc278309ac71bccbcda94b6f87ffb8e6bb47aba1a2c345e2640935e"],
  ["create table t (id int);", [],
    "v1:e9298d7f440c75b69b42acc683511e6af1b26f1aa9966a60a6a69a025bf10b37"],
  ["CREATE TABLE t (id int);", [],
    "v1:d282d92f4aa5f380c6318b807042d304a93b885f502c91fd1c3d213dd9e0cd34"],
  ["create index concurrently on t (id);", ["transaction:false"],
    "v1:556c29518b2942953839f0ef7eaeb6bcae17dd3304d38532e37043839dde9353"],
  ["select E'a\\'b'\n'c', U&\"d\" , $tag$x;$tag$, 1.5e-3, a->>'é' -- c\n;", [],
    "v1:3a8c18c4bcaff734200dc37cbb625706853a0dd72261b6eb348d254414b6bcfc"],
  ["create function f() returns int begin atomic select 1; end;", [],
    "v1:bee7173de7c41520bfe623874620153b528824f6eb78d75cb43c2a054339cb70"],
  ["copy t (a, b) from stdin;\n1\t2\n\\.\n", [],
    "v1:62f154aa7aca05f621fc07960c8e1a6f5fb4e0224c945733606627f18bc8528f"],
  ["\\restrict abc\nselect 1;", [],
    "v1:098e648c553f3398de6e7d94dd983acc9c1666cf65ae8eb71217ab237c915e4c"],
  ["create rule r as on insert to t do (select 1; select 2); ;", ["a:b", "c:d"],
    "v1:5df3d1da4a1e3b1ef2637f337b78ce449f00db9e10877d47140f52a49c05ce97"],
];

test.each(golden)("v1 stays what it is: %j %j", (text, options, sum) => {
  expect(checksum(text, options)).toBe(sum);
});

test("the definition, record by record", () => {
  const long = "x".repeat(300);
  expect(checksum("")).toBe(written(["S", "0"]));
  expect(checksum(`-- c\nselect E'a'\n'b', ${long} /* c */`, ["transaction:false"])).toBe(
    written(
      ["S", "1"], ["o", "transaction:false"], ["t", "select"], ["t", "E'a'"], ["c", "'b'"],
      ["t", ","], ["t", long], ["t", ";"],
    ),
  );
  expect(checksum("copy t from stdin;\n1\n2\r\n\\.\n;\\echo x \r\n")).toBe(
    written(
      ["S", "0"], ["t", "copy"], ["t", "t"], ["t", "from"], ["t", "stdin"], ["t", ";"],
      ["d", sha256("1\n2\r\n")], ["m", "\\echo x "],
    ),
  );
  expect(checksum("/* open")).toBe(written(["S", "0"], ["t", "/* open"]));
  expect(checksum("a /* open")).toBe(
    written(["S", "0"], ["t", "a"], ["t", "/* open"], ["t", ";"]),
  );
});

const same: readonly (readonly [what: string, one: string, other: string])[] = [
  ["white space", "select 1,2;", "  select\n\t1 ,\r\n\f\v2  ;  "],
  ["line comments", "select 1;", "-- a\nselect -- b\n1 -- c\n; -- d"],
  ["block comments", "select 1;", "/* a */select/* b /* c */ */1/**/;/* d */"],
  ["a comment in place of a blank", "select 1", "select/**/1"],
  ["line ends", "select 1;\nselect 2;\n", "select 1;\r\nselect 2;\r\n"],
  ["a missing last semicolon", "select 1;", "select 1"],
  ["empty statements", "select 1; select 2", ";;select 1;;; /* c */ ; select 2;;"],
  ["a byte order mark", "select 1;", "\uFEFFselect 1;"],
  ["blanks around punctuation and operators", "select a.b+1", "select a . b + 1"],
  ["an operator of two", "select 1=-1", "select 1 = - 1"],
  ["how a string is continued", "select 'a'\n'b'", "select 'a' -- c\r\n\r\n  'b'"],
  ["where COPY data end", "copy t from stdin;\n1\n\\.\n", "copy t from stdin; -- c\n1\n\\.\r\n\n"],
  ["a comment at the end", "select 1", "select 1 -- no line end"],
];

test.each(same)("does not count: %s", (_, one, other) => {
  expect(checksum(other)).toBe(checksum(one));
});

const different: readonly (readonly [what: string, one: string, other: string])[] = [
  ["a line break between strings", "select 'a' 'b'", "select 'a'\n'b'"],
  ["a doubled quote", "select 'a''b'", "select 'a' 'b'"],
  ["a doubled quote and a line break", "select 'a''b'", "select 'a'\n'b'"],
  ["line ends in strings", "select 'a\nb'", "select 'a\r\nb'"],
  ["line ends in bodies", "do $$\nbegin end$$", "do $$\r\nbegin end$$"],
  ["comments in bodies", "do $$begin end$$", "do $$begin /* c */ end$$"],
  ["comments in strings", "select 'a'", "select 'a--c'"],
  ["blanks in strings", "select 'a b'", "select 'a  b'"],
  ["blanks in names", "select \"a b\"", "select \"a  b\""],
  ["letter case", "select a", "SELECT a"],
  ["a blank that makes two words", "select ab", "select a b"],
  ["a blank that makes two numbers", "select 1 2", "select 12"],
  ["a blank before a string prefix", "select e'\\n'", "select e '\\n'"],
  ["a blank in U&", "select U&'a'", "select U & 'a'"],
  ["a blank in an operator", "select a <> b", "select a < > b"],
  ["a blank in ::", "select a::b", "select a: :b"],
  ["a blank in :=", "select f(a := 1)", "select f(a : = 1)"],
  ["a blank in ..", "select 1..2", "select 1. .2"],
  ["a word glued to a number", "select 1 a", "select 1a"],
  ["a word glued to a parameter", "select $1 a", "select $1a"],
  ["a string and a word", "select 'a'", "select a"],
  ["a string and a quoted name", "select 'a'", "select \"a\""],
  ["a tag", "do $a$x$a$", "do $b$x$b$"],
  ["a semicolon", "select 1; select 2", "select 1 select 2"],
  ["a semicolon in a rule", "create rule r as on insert to t do (a; b)",
    "create rule r as on insert to t do (a b)"],
  ["COPY data", "copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n2\n\\.\n"],
  ["line ends of COPY data", "copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n1\r\n\\.\n"],
  ["blanks in COPY data", "copy t from stdin;\n1\n\\.\n", "copy t from stdin;\n1 \n\\.\n"],
  ["COPY data and SQL", "copy t from stdin;\nselect 1;\n\\.\n",
    "copy t from stdin;\n\\.\nselect 1;"],
  ["an empty line of COPY data", "copy t from stdin;\n\\.\n", "copy t from stdin;\n\n\\.\n"],
  ["a meta-command", "select 1;\n\\echo a", "select 1;\n\\echo b"],
  ["whether there is a meta-command", "select 1;\n\\echo", "select 1;"],
  ["an open string", "select 'a", "select 'a'"],
  ["an open comment", "select 1", "select 1 /*"],
  ["an open comment by itself", "select 1;", "select 1; /*"],
  ["lengths and letters", "select ab c", "select a bc"],
];

test.each(different)("counts: %s", (_, one, other) => {
  expect(checksum(other)).not.toBe(checksum(one));
});

test("options count, in their order, and so does where a section begins", () => {
  const sums = [
    checksum("select 1"),
    checksum("select 1", ["transaction:false"]),
    checksum("select 1", ["a:b", "c:d"]),
    checksum("select 1", ["c:d", "a:b"]),
    checksum("select 1", ["a:bc:d"]),
  ];
  const sections = (...texts: readonly string[]): string => {
    const sum = new Checksum();
    for (const text of texts) {
      sum.section([]);
      for (const piece of split(text)) sum.piece(piece);
    }
    return sum.digest();
  };
  sums.push(sections("a;", "b;"), sections("a; b;"), sections("a; b;", ""), sections("", "a; b;"));
  expect(new Set(sums).size).toBe(sums.length);
});

test("long tokens and many of them count as short ones do, in any chunks", () => {
  const text = `select '${"x".repeat(200_000)}', ${"a, ".repeat(60_000)} b;
copy t from stdin;\n${"line\tof data\n".repeat(20_000)}\\.\nselect '${"y".repeat(65_530)}'`;
  const sum = new Checksum();
  sum.section([]);
  const splitter = new Splitter();
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += 4099) {
    for (const piece of splitter.push(bytes.slice(at, at + 4099))) sum.piece(piece);
  }
  for (const piece of splitter.end()) sum.piece(piece);
  expect(sum.digest()).toBe(checksum(text));
  expect(checksum(text.replace("y", "z"))).not.toBe(checksum(text));
});

test("the corpus has one checksum each", () => {
  const next = scripts(seeded(3));
  const texts = new Set(Array.from({ length: 2000 }, () => next().text));
  const sums = [...texts].map((text) => checksum(`${text}\n;select 1`));
  expect(new Set(sums).size).toBeGreaterThan(texts.size * 0.98);
  expect(checksum([...texts].join("\n;"))).toMatch(/^v1:[0-9a-f]{64}$/);
});
