/** Which passwords are blanked, and in which spellings. */
import { describe, expect, test } from "bun:test";
import { canBeBlanked, KnownSecrets } from "./known-secret.ts";

describe("what can be blanked", () => {
  const shown = "app_owner7@db1.example.com:5432/shop_2024";
  test.each([
    ["a", false],
    ["hunter2", false],
    ["hunter22", true],
    ["postgres", false],
    ["correcthorse", false],
    ["correcthorsebattery", true],
    ["correct horse", true],
    ["p@ss-wor", true],
    ["ü@ss-wor", true],
    ["üüüüüü", false],
    ["12345678", true],
    // What the line before says in full cannot be kept to oneself.
    ["app_owner7", false],
    ["shop_2024", false],
    ["", false],
  ])("%j: %p", (secret, expected) => {
    expect(canBeBlanked(secret, shown)).toBe(expected);
  });
});

describe("blanked", () => {
  function blanked(text: string, ...secrets: readonly string[]): string {
    const known = new KnownSecrets();
    for (const secret of secrets) known.add(secret);
    return known.blank(text);
  }

  test.each([
    ["p@ss w0rd", "Key (v)=(p@ss w0rd) exists", "Key (v)=(*********) exists"],
    ["p@ss w0rd", "in postgres://u:p%40ss%20w0rd@h", "in postgres://u:*************@h"],
    ["ü%3A/x", "%C3%BC%253A%2Fx %c3%bc%253A%2fx", "*************** ***************"],
    ["it's 1 x", "values ('it''s 1 x')", "values ('*********')"],
    ["a\"b\\c 12", String.raw`{"m":"a\"b\\c 12"}`, '{"m":"**********"}'],
    ["$&$1 x y", "a $&$1 x y", "a ********"],
    ["😀 secret", "😀 secret", "********"],
    ["absent 1", "nothing of it", "nothing of it"],
  ])("%j", (secret, text, expected) => {
    expect(blanked(text, secret)).toBe(expected);
  });

  test("one that is a part of another leaves nothing of that", () => {
    const whole = "hunter22hunter";
    for (const secrets of [["hunter22", whole], [whole, "hunter22"]]) {
      expect(blanked(`x ${whole} y hunter22`, ...secrets)).toBe(`x ${"*".repeat(14)} y ********`);
    }
  });
});
