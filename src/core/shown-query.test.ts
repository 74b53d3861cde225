/** No literal of somebody's query is shown, wherever the server has cut it. */

import { describe, expect, test } from "bun:test";
import { shownQuery } from "./shown-query.ts";

const cases: readonly (readonly [query: string, shown: string | undefined])[] = [
  ["select 1", "select ?"],
  ["select * from t where s = 'x'", "select * from t where s = ?"],
  ["select 'it''s', E'a\\'b', U&'\\0061', B'01', X'ff', N'n', $$d$$, $t$ $$ $t$",
    "select ?, ?, ?, ?, ?, ?, ?, ?"],
  ["select 1.5e3, .5, -1, 0x1F, 1_000 from t1", "select ?, ?, -?, ?, ? from t1"],
  ["select 'a'\n  'b', 'c'", "select ?, ?"],
  ["select U&\"d\\0061\", \"a b\".c where y=$1", "select U&\"d\\0061\", \"a b\".c where y=$1"],
  ["select a /* it's 'x' /* nested */ */, b -- it's 'y'\nfrom t", "select a , b from t"],
  ["  \n select\n\t1\r\n;  ", "select ? ;"],
  ["-- only a comment", undefined],
  ["", undefined],
  ["begin; select f('x'); commit", "begin; select f(?); commit"],
  ["alter role r password 'secret'", "alter role r password ?"],
  ["autovacuum: VACUUM public.t (to prevent wraparound)",
    "autovacuum: VACUUM public.t (to prevent wraparound)"],
  ["select a\"b\nc\"", "select a\"b c\""],
];

test.each(cases)("%j", (query, shown) => {
  expect(shownQuery(query)).toBe(shown);
});

test("a literal may end elsewhere where backslashes count: nothing behind it is shown", () => {
  const query = "select 'it\\'s secret' from t where a = 'x'";
  expect(shownQuery(query)).toBe("select ? …");
  expect(shownQuery("select E'it\\'s secret', b")).toBe("select ?, b");
  expect(shownQuery("select 'a\\\\b', c")).toBe("select ?, c");
});

test("a long one is cut, and a character of two units is not", () => {
  const shown = shownQuery(`select ${"abcdefgh, ".repeat(30)}x`);
  expect(shown).toHaveLength(100);
  expect(shown).toEndWith("…");
  const wide = shownQuery(`select ${"😀".repeat(200)}`) ?? "";
  expect([...wide]).toHaveLength(100);
  expect(wide).not.toContain("\ufffd");
});

describe("cut by track_activity_query_size at any place", () => {
  const literal = "SECRET99";
  const query =
    `update t set a = '${literal}', b = E'\\'${literal}', c = $q$ ${literal} ' $q$, ` +
    `d = U&'${literal}', e = 99${literal.length}99, f = 'a'\n'${literal}' where x = '${literal}'`;
  test.each(Array.from(query, (_, index) => index))("%d", (length) => {
    const shown = shownQuery(query.slice(0, length)) ?? "";
    expect(shown).not.toMatch(/SECR|99/);
    expect(shownQuery(query)).toStartWith(shown.replace(/[\s?…'"&$\w]*$/, ""));
  });
});
