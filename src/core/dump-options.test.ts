/** pg_dump's options: what pgmate gives, and what nobody else may. */
import { expect, test } from "bun:test";
import { PgmateError } from "../errors.ts";
import { checkDumpOptions, dumpOptions } from "./dump-options.ts";

const whole = { schemas: undefined, extensions: [], ownTables: [], lockWaitMs: 10_000 };

test("dbmate's options, then what was asked for, then what must win", () => {
  expect(dumpOptions(whole, ["--no-comments", "-T", "x"])).toEqual([
    "--schema-only", "--no-privileges", "--no-owner", "--lock-wait-timeout=10000",
    "--no-comments", "-T", "x",
    "--format=plain", "--encoding=UTF8", "-Z0",
  ]);
});

test("names are patterns that mean nothing but themselves", () => {
  const scope = {
    ...whole,
    schemas: ["a.*", 'Quote"d'],
    extensions: ["uuid-ossp"],
    ownTables: [{ schema: "s?", table: "t.x" }],
  };
  expect(dumpOptions(scope, [])).toEqual(expect.arrayContaining([
    '--schema="a.*"', '--schema="Quote""d"', '--extension="uuid-ossp"',
    '--exclude-table="s?"."t.x"',
  ]));
});

test.each([
  "-f", "-fx", "--file", "--file=x", "-Fc", "-F", "--format=custom", "-hhost", "--host=h", "-p1",
  "-U", "--username=u", "-d", "--dbname=x", "-W", "-w", "--no-password", "-j4", "--jobs=4", "-Z9",
  "--compress=gzip", "-ELATIN1", "--encoding=LATIN1", "--restrict-key=k", "--section=data",
  "--snapshot=x", "-C", "--create", "-v", "--verbose", "--filter=list.txt",
])("%s is refused", (option) => {
  const check = (): void => checkDumpOptions(["--no-comments", option]);
  expect(check).toThrow(PgmateError);
  expect(check).toThrow("is not for here");
});

test.each([
  "--no-comments", "-nx", "-Tfile", "-x", "-O", "-s", "--exclude-schema=f", "--if-exists",
  "--clean", "--lock-wait-timeout=1", "table", "-ex",
])("%s is passed on", (option) => {
  expect(() => checkDumpOptions([option])).not.toThrow();
});

test("an option and its value in one word with a blank would be another name", () => {
  expect(() => checkDumpOptions(["-T a"])).toThrow("is one word with a blank in it");
});

test.each(["-n", "-T", "-e", "--exclude-schema", "--table", "--role"])(
  "%s wants a value, which is not to be one of pgmate's options",
  (option) => {
    expect(() => checkDumpOptions([option])).toThrow("needs a value");
    expect(() => checkDumpOptions([option, "x"])).not.toThrow();
  },
);
