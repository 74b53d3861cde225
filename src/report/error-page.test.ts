/** Every error code has a page that a person can read, and that speaks of things that exist. */

import { describe, expect, test } from "bun:test";
import { commands } from "../commands/list.ts";
import { exitStatus, isErrorCode } from "../errors.ts";
import { allOptions } from "../options.ts";
import { errorMeanings } from "./error-meaning.ts";
import { errorPageText } from "./error-page.ts";

const meanings = Object.entries(errorMeanings);
const codes = Object.keys(errorMeanings).filter(isErrorCode);

test("a page has the status, the meaning, the state and the cure", () => {
  expect(errorPageText("lock-lost")).toBe(
    [
      "lock-lost: error code, exit status 2",
      "",
      "means  the run lock is gone during a run: a file let all advisory locks go, or a",
      "       pooler in between gave the session to others",
      "state  the step was not begun, or was rolled back; the `State:` line says what",
      "       is kept",
      "cure   `pgmate status`, then run again; behind a pooler connect directly",
      "",
    ].join("\n"),
  );
  expect(errorPageText("url-missing")).toContain("\nstate  nothing was changed\n");
});

test.each(codes)("the page of %s fits a terminal", (code) => {
  const page = errorPageText(code);
  expect(page).toStartWith(`${code}: error code, exit status ${exitStatus(code)}\n`);
  for (const line of page.split("\n")) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(80);
});

describe("each meaning", () => {
  const texts = meanings.flatMap(([code, { means, state, cure }]) =>
    [means, state ?? "nothing", cure].map((text) => [code, text] as const),
  );

  test.each(texts)("%s: %s", (_code, text) => {
    expect(text).toMatch(/^\S.*[^.\s]$/);
    expect(text.split("`").length % 2).toBe(1);
  });

  test("names commands and options that there are", () => {
    const commandNames = commands.flatMap(({ name, aliases }) => [name, ...aliases]);
    const options = allOptions.map(({ name }) => name);
    for (const [, text] of texts) {
      for (const [, command = ""] of text.matchAll(/`pgmate ([a-z]+)/g)) {
        expect(commandNames).toContain(command);
      }
      for (const [, quoted = ""] of text.matchAll(/`((?:pgmate |--)[^`]*)`/g)) {
        for (const [, option = ""] of quoted.matchAll(/--([a-z-]+)/g)) {
          expect(options).toContain(option);
        }
      }
    }
  });

  test("no two say the same", () => {
    const said = meanings.map(([, { means }]) => means);
    expect(new Set(said).size).toBe(said.length);
  });
});
