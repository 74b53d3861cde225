/** Which settings a connection asks for, with the server's own reading of `options` as oracle. */
import { expect, test } from "bun:test";
import postgres from "postgres";
import { server } from "../testing/servers.ts";
import { askedSettings } from "./asked-settings.ts";

const cases: readonly (readonly [options: string, settings: readonly string[]])[] = [
  ["", []],
  ["-c pgm.a=1", ["pgm.a=1"]],
  ["-cpgm.a=1 --pgm.b=2", ["pgm.a=1", "pgm.b=2"]],
  ["  -c  pgm.a=1\t-c\npgm.b=2 ", ["pgm.a=1", "pgm.b=2"]],
  ["-c pgm.a=x\\ y\\\\z -c pgm.b=", ["pgm.a=x y\\z", "pgm.b="]],
  ["-c pgm.a=b=c", ["pgm.a=b=c"]],
  ["--work-mem=5MB", ["work_mem=5MB"]],
  ["-c search_path=\"My\\ App\",public", ["search_path=\"My App\",public"]],
];

test.each(cases)("options %p", (options, settings) => {
  const asked = askedSettings({ options, startup: {} });
  expect(asked.map(([name, value]) => `${name}=${value}`)).toEqual([...settings]);
});

test.each(cases)("the server reads %p the same", async (options, settings) => {
  const at = await server(17);
  const url = new URL(at.url("postgres"));
  for (const setting of settings) {
    const [, name = "", value = ""] = /^([^=]+)=(.*)$/s.exec(setting) ?? [];
    expect(await shown(url, options, name)).toBe(value);
  }
});

async function shown(url: URL, options: string, name: string): Promise<unknown> {
  const sql = postgres(url.href, { max: 1, connection: { options }, fetch_types: false });
  try {
    const [row] = await sql.unsafe("select current_setting($1) as value", [name]);
    return row?.["value"];
  } finally {
    await sql.end();
  }
}

test("start-up settings come after options, since they win", () => {
  const asked = askedSettings({ options: "-c a.b=1", startup: { "a.b": "2" } });
  expect(asked).toEqual([["a.b", "1"], ["a.b", "2"]]);
});
