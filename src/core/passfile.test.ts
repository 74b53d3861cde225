import { expect, test } from "bun:test";

import { lookUpPassword } from "./passfile.ts";

const question = { host: "db.example.com", port: 5432, database: "shop", user: "app" };

const lines: readonly (readonly [string, string, string | undefined])[] = [
  ["exact", "db.example.com:5432:shop:app:secret", "secret"],
  ["wildcards", "*:*:*:*:secret", "secret"],
  ["another host", "other:5432:shop:app:secret", undefined],
  ["another port", "db.example.com:5433:shop:app:secret", undefined],
  ["another database", "db.example.com:5432:shops:app:secret", undefined],
  ["another user", "db.example.com:5432:shop:App:secret", undefined],
  ["the first that fits", "*:*:*:nobody:a\n*:*:*:app:b\n*:*:*:*:c", "b"],
  ["comments and empty lines", "# *:*:*:*:no\n\n*:*:*:*:yes\n", "yes"],
  ["CRLF", "*:*:*:*:secret\r\n", "secret"],
  ["escaped colon and backslash", "*:*:*:*:a\\:b\\\\c", "a:b\\c"],
  ["a colon ends the password", "*:*:*:*:a:b", "a"],
  ["a lone backslash at the end", "*:*:*:*:a\\", "a\\"],
  ["blanks belong to the password", "*:*:*:*: p w ", " p w "],
  ["characters outside the BMP", "*:*:*:*:p😀", "p😀"],
  ["too few fields", "*:*:*:secret", undefined],
  ["empty password", "*:*:*:*:", undefined],
  ["an escaped asterisk is a name", "\\*:*:*:*:secret", undefined],
  ["empty file", "", undefined],
];

for (const [name, text, password] of lines) {
  test(name, () => expect(lookUpPassword(text, question)).toBe(password));
}

test("an escaped name fits", () => {
  const odd = { ...question, database: "a:b", host: "::1" };
  expect(lookUpPassword("\\:\\:1:5432:a\\:b:app:secret", odd)).toBe("secret");
});

test("a socket in a default folder is localhost, any other is its folder", () => {
  const text = "localhost:*:*:*:a\n/srv/pg:*:*:*:b";
  const at = (host: string) => lookUpPassword(text, { ...question, host });
  expect(at("/var/run/postgresql")).toBe("a");
  expect(at("/tmp")).toBe("a");
  expect(at("/srv/pg")).toBe("b");
  expect(at("/other")).toBeUndefined();
});
