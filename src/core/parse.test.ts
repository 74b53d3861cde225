/** What a file is, as a table: sections, markers that are text, and faults with their places. */

import { describe, expect, test } from "bun:test";
import { migrationOf, outline, parseText, sectionSql } from "../testing/parsed.ts";

type Case = readonly [name: string, text: string, expected: string];

const noUp = "no `-- migrate:up` in this file";
const noDown = "no `-- migrate:down` for the `-- migrate:up` above";
const before = "statements before the first `-- migrate:up` would never run";
const secondDown = "a second `-- migrate:down` without a `-- migrate:up` of its own";
const meansNothing = "a `-- migrate:down` before any `-- migrate:up` means nothing";

/** The case table of dbmate, with what it loses in silence made right or refused. */
const format: readonly Case[] = [
  ["an empty file", "", `! 1:1 ${noUp}`],
  ["white space only", "\n \n", `! 1:1 ${noUp}`],
  ["comments only", "-- a\n/* b */\n", `! 1:1 ${noUp}`],
  ["SQL only", "-- a\n select 1;\n", `! 2:2 ${noUp}`],
  ["only a down", "-- migrate:down\nselect 1;\n", `! 2:1 ${noUp}`],
  ["an empty down only", "-- migrate:down\n", `! 1:1 ${noUp}`],
  ["an up and a down", "-- migrate:up\na;\n-- migrate:down\nb;\n", 'up "a;" down "b;"'],
  ["no down", "-- migrate:up\nselect 1;\n", `! 3:1 ${noDown}`],
  ["no down and no line end", "-- migrate:up\nselect 1;", `! 2:10 ${noDown}`],
  ["a down with SQL before the up", "-- migrate:down\na;\n-- migrate:up\nb;\n-- migrate:down\n",
    `! 2:1 ${before}`],
  ["a down with nothing before the up", "-- migrate:down\n-- migrate:up\na;\n-- migrate:down\n",
    `up "a;" down "" warning 1:1 ${meansNothing}`],
  ["a remark that begins like a down", "-- migrate:down is below\n-- migrate:up\n-- migrate:down",
    `up "" down "" warning 1:1 ${meansNothing}`],
  ["SQL before the up", "-- a\n\n  select 1;\n-- migrate:up\n-- migrate:down\n",
    `! 3:3 ${before}`],
  ["a psql command before the up", "\\restrict x\n-- migrate:up\n-- migrate:down\n",
    `! 1:1 ${before}`],
  ["empty statements before the up", ";;\n-- migrate:up\n-- migrate:down\n", 'up "" down ""'],
  ["empty sections", "-- migrate:up\n-- migrate:down\n", 'up "" down ""'],
  ["no line end at the end", "-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["no blank in the marker", "--migrate:up\na;\n--migrate:down\nb;", 'up "a;" down "b;"'],
  ["tabs in the marker", "--\t\tmigrate:up\t\n--\tmigrate:down", 'up "" down ""'],
  ["CRLF", "-- migrate:up\r\na;\r\n-- migrate:down\r\nb;\r\n", 'up "a;" down "b;"'],
  ["CRLF behind an option", "-- migrate:up transaction:false\r\na;\r\n-- migrate:down\r\n",
    'up* "a;" down ""'],
  ["CR only", "-- migrate:up\ra;\r-- migrate:down\rb;\r", 'up "a;" down "b;"'],
  ["a byte order mark", "\ufeff-- migrate:up\na;\n-- migrate:down\n", 'up "a;" down ""'],
  ["a byte order mark and a line end", "\ufeff\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["a byte order mark and a comment", "\ufeff-- c\n-- migrate:up\n-- migrate:down",
    'up "" down ""'],
  ["a licence above", "/* a\n   b */\n\n-- migrate:up\na;\n-- migrate:down\n", 'up "a;" down ""'],
  ["a marker in the licence", "/*\n-- migrate:up\n*/\n-- migrate:up\na;\n-- migrate:down\n",
    'up "a;" down ""'],
  ["both markers on one line", "-- migrate:up -- migrate:down\n", `! 2:1 ${noDown}`],
  ["two ups and a down", "-- migrate:up\n-- migrate:up\n-- migrate:down\n", `! 2:1 ${noDown}`],
  ["an up and two downs", "-- migrate:up\n-- migrate:down\n-- migrate:down\n",
    `! 3:1 ${secondDown}`],
  ["two pairs", "-- migrate:up\na;\n-- migrate:down\nb;\n-- migrate:up\nc;\n-- migrate:down\nd;",
    'up "a;" down "b;" up "c;" down "d;"'],
  ["pairs with options of their own",
    "-- migrate:up transaction:false\n-- migrate:down\n-- migrate:up\n" +
      "-- migrate:down transaction:false",
    'up* "" down "" up "" down* ""'],
  ["a second up without its down", "-- migrate:up\n-- migrate:down\n-- migrate:up\na;\n",
    `! 5:1 ${noDown}`],
  ["the third of three downs", "-- migrate:up\n-- migrate:down\n-- migrate:up\n" +
    "-- migrate:down\n-- migrate:down\n", `! 5:1 ${secondDown}`],
];

const noMarkers: readonly Case[] = [
  ["indented", " -- migrate:up\n-- migrate:up\n\t-- migrate:down\n-- migrate:down",
    'up "-- migrate:down" down ""'],
  ["behind SQL", "-- migrate:up\na; -- migrate:down\n-- migrate:down",
    'up "a; -- migrate:down" down ""'],
  ["upper case", "-- MIGRATE:UP\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["a longer word", "-- migrate:upgrade\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["a semicolon", "-- migrate:up;\n-- migrate:up\n-- migrate:down;\n-- migrate:down",
    'up "-- migrate:down;" down ""'],
  ["a blank behind the colon", "-- migrate: up\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["a blank before the colon", "-- migrate :up\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["a no-break space", "--\u00a0migrate:up\n-- migrate:up\u00a0\n-- migrate:down", `! 1:1 ${noUp}`],
  ["a vertical tab", "-- migrate:up\v\n-- migrate:down", `! 1:1 ${noUp}`],
  ["three dashes", "--- migrate:up\n-- migrate:up\n-- migrate:down", 'up "" down ""'],
  ["divided by line ends, as dbmate takes it", "--\n\n migrate:down\n-- migrate:up\n" +
    "-- migrate:down", `! 3:2 ${before}`],
  ["a hash", "# migrate:up\n", `! 1:1 ${noUp}`],
];

const marked = "\n-- migrate:up\n-- migrate:down x\n";
const isText: readonly Case[] = ([
  ["a string", `select '${marked}';`],
  ["an escape string", `select E'\\'${marked}';`],
  ["a Unicode string", `select U&'${marked}';`],
  ["a continued string", `select 'a'\n'${marked}';`],
  ["a name", `select 1 as "${marked}";`],
  ["a dollar body", `do $$${marked}$$;`],
  ["a tagged dollar body", `do $a$ $$ ${marked} $$ $a$;`],
  ["a comment", `/*${marked}*/`],
  ["a nested comment", `/* /* */ ${marked} */`],
  ["a comment in a statement", `select /*${marked}*/ 1;`],
  ["COPY data", `copy t from stdin;${marked}\\.`],
  ["COPY data with CRLF", `copy t from stdin;\r\n-- migrate:down\r\n\\.`],
] as const).map(([name, sql]): Case => {
  const file = `-- migrate:up\n${sql}\n-- migrate:down\n${sql}\n`;
  return [name, file, `up ${JSON.stringify(sql)} down ${JSON.stringify(sql)}`];
});

/** What never ends takes the markers below it for its own text. */
const swallowed: readonly Case[] = [
  ["a comment in the up", "-- migrate:up\na; /*\n-- migrate:down\n",
    "! 2:4 this comment never ends"],
  ["a string in the up", "-- migrate:up\nselect 'a;\n-- migrate:down\n",
    "! 2:8 this string never ends"],
  ["a dollar body in the up", "-- migrate:up\ndo $$ begin;\n-- migrate:down\n",
    "! 2:4 this dollar-quoted string never ends"],
  ["COPY data in the up", "-- migrate:up\n\ncopy t from stdin;\n1\n-- migrate:down\n",
    "! 3:1 the data of this COPY never ends"],
  ["a comment before the up", "a /* licence\n-- migrate:up\n-- migrate:down\n",
    "! 1:3 this comment never ends"],
  ["a string before the up", "select 'a;\n-- migrate:up\n-- migrate:down\n",
    "! 1:8 this string never ends"],
  ["a string in the down, and the next pair",
    "-- migrate:up\na;\n-- migrate:down\nselect 'b;\n-- migrate:up\nc;\n-- migrate:down\n",
    "! 4:8 this string never ends"],
  ["COPY data in the down, and the next pair",
    "-- migrate:up\na;\n-- migrate:down\ncopy t from stdin;\n-- migrate:up\nc;\n-- migrate:down\n",
    "! 4:1 the data of this COPY never ends"],
  ["a string in the last down", "-- migrate:up\na;\n-- migrate:down\nselect 'b;\n",
    'up "a;" down "select \'b;" ! 4:8 this string never ends'],
  ["COPY data that end, with a marker, before others that do not",
    "-- migrate:up\n-- migrate:down\ncopy t from stdin;\n-- migrate:up\n\\.\ncopy t from stdin;\n",
    'up "" down "copy t from stdin;\\n-- migrate:up\\n\\\\.\\ncopy t from stdin;" ' +
      "! 6:1 the data of this COPY never ends"],
];

const words = "words behind the marker mean nothing";
const noOption = "is no option that can be read";
const lost = "SQL on the marker's own line would never run";

const behindMarkers: readonly Case[] = [
  ["words", "-- migrate:up a  b\n-- migrate:down transaction:false c\n",
    `up "" down* "" warning 1:1 ${words}: a b warning 2:1 ${words}: c`],
  ["SQL", "-- c\n-- migrate:up create table t();\n-- migrate:down\n",
    `up "" ! 2:15 ${lost} down ""`],
  ["SQL behind the down", "-- migrate:up\n-- migrate:down  drop table t;\n",
    `up "" down "" ! 2:18 ${lost}`],
  ["a mistyped option", "\n\n-- migrate:up a transaction:FALSE\na;\n-- migrate:down b\n",
    `up "a;" ! 3:17 "transaction:FALSE" ${noOption} down "" warning 5:1 ${words}: b`],
  ["two mistyped options", "-- migrate:up transaction:no transaction:off\n-- migrate:down\n",
    `up "" ! 1:15 "transaction:no" ${noOption} down ""`],
  ["a mistyped option before other faults",
    "-- migrate:up transaction:no\ncommit;\n-- migrate:down",
    `up "commit;" ! 1:15 "transaction:no" ${noOption} down ""`],
];

const tables = { format, noMarkers, isText, swallowed, behindMarkers } as const;

for (const [title, cases] of Object.entries(tables)) {
  describe(title, () => {
    test.each([...cases])("%s", (_, text, expected) => {
      expect(outline(text)).toBe(expected);
    });
  });
}

test("the bytes of a section are those from the marker's end to the next marker", () => {
  const text = "\ufeff-- c\r\n-- migrate:up  x \r\n\r\ta\u00e9;\r\n\r\n--migrate:down\n b\n\n";
  const { ups, downs, sizeBytes } = migrationOf(text);
  expect(ups.map((section) => sectionSql(text, section))).toEqual(["\r\n\r\ta\u00e9;\r\n\r\n"]);
  expect(downs.map((section) => sectionSql(text, section))).toEqual(["\n b\n\n"]);
  expect(sizeBytes).toBe(Buffer.byteLength(text));
});

test("pairs keep the order of the file; how downs run is the step's matter", () => {
  const text = "a b c".split(" ").map((one) => {
    return `-- migrate:up\n${one};\n-- migrate:down\nno ${one};\n`;
  }).join("");
  const { ups, downs } = migrationOf(text);
  expect(ups.map((one) => sectionSql(text, one).trim())).toEqual(["a;", "b;", "c;"]);
  expect(downs.map((one) => sectionSql(text, one).trim())).toEqual(["no a;", "no b;", "no c;"]);
});

test("only the up sections and their options make the checksum", () => {
  const up = "-- migrate:up\na;\n-- migrate:down\n";
  const { checksum } = migrationOf(up);
  expect(checksum).toMatch(/^v1:[0-9a-f]{64}$/);
  const same = [
    "\ufeff-- migrate:up\na;\n-- migrate:down\n",
    "-- c\n\n--migrate:up a word\r\n  /**/a\n-- migrate:down\n",
    `${up}b;\n`,
    "-- migrate:up transaction:true\na;\n-- migrate:down transaction:false\nb;\n",
  ];
  for (const text of same) expect(migrationOf(text).checksum).toBe(checksum);
  const other = [
    "-- migrate:up\nb;\n-- migrate:down\n",
    "-- migrate:up\na;\na;\n-- migrate:down\n",
    "-- migrate:up transaction:false\na;\n-- migrate:down\n",
    "-- migrate:up\n-- migrate:down\n-- migrate:up\na;\n-- migrate:down\n",
  ];
  for (const text of other) expect(migrationOf(text).checksum).not.toBe(checksum);
  // The values that checksum.test.ts pins for these tokens and options.
  const table = "create table t (id int);\n-- migrate:down\n";
  expect(migrationOf(`-- migrate:up\n${table}`).checksum).toBe(
    "v1:e9298d7f440c75b69b42acc683511e6af1b26f1aa9966a60a6a69a025bf10b37",
  );
  const index = "create index concurrently on t (id);\n-- migrate:down\n";
  expect(migrationOf(`-- migrate:up transaction:false\n${index}`).checksum).toBe(
    "v1:556c29518b2942953839f0ef7eaeb6bcae17dd3304d38532e37043839dde9353",
  );
});

test("every fault says what to do", () => {
  for (const [, text] of [...format, ...swallowed]) {
    const result = parseText(text);
    if (result.kind === "migration") continue;
    expect(result.fault.hint).not.toBe("");
    expect(["migration-format", "migration-statement"]).toContain(result.fault.code);
  }
});
