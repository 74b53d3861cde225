/** What a long step, a new try and a locked table of ours are told in, and how often. */

import { describe, expect, test } from "bun:test";
import type { Blocker } from "../core/blocker.ts";
import type { Event, StepProgress } from "../engine/events.ts";
import { fileOf } from "../testing/histories.ts";
import type { Output } from "./output.ts";
import { liveText, retryText, stillText, tableWaitText } from "./progress-text.ts";
import { textPrinter } from "./reporter.ts";

const file = fileOf("1_x");
const blocker: Blocker = {
  pid: 99, prepared: undefined, seen: "whole", user: "app", application: undefined,
  address: undefined, state: "idle in transaction", ageMs: 40_000, query: "select ?",
};
const said = "pid 99 (user app, idle in transaction for 40 s): select ?";

function progress(given: Partial<StepProgress>): StepProgress {
  return {
    kind: "step-progress", file, direction: "up", elapsedMs: 61_000, unit: undefined,
    work: undefined, blockers: [], ...given,
  };
}

describe("progress", () => {
  const work = { what: "building index", done: 43, total: 100, unit: "blocks" } as const;
  const cases: readonly (readonly [given: Partial<StepProgress>, live: string, still: string])[] = [
    [{}, "Applying for 61 s", "Still applying: 1_x.sql, 61 s so far"],
    [{ direction: "down", elapsedMs: 500 }, "Rolling back for 0.5 s",
      "Still rolling back: 1_x.sql, 0.5 s so far"],
    [{ unit: { number: 2, of: 5 }, work },
      "Applying for 61 s, statement 2 of 5, building index 43 %",
      "Still applying: 1_x.sql, 61 s so far, statement 2 of 5, building index 43 %"],
    [{ blockers: [blocker] }, `Applying for 61 s, in the way: ${said}`,
      `Still applying: 1_x.sql, 61 s so far, in the way: ${said}`],
    [{ blockers: [blocker, blocker] },
      `Applying for 61 s, 2 in the way: ${said}; and 1 more`,
      `Still applying: 1_x.sql, 61 s so far, 2 in the way: ${said}; ${said}`],
  ];
  test.each(cases)("%j", (given, live, still) => {
    expect(liveText(progress(given))).toBe(live);
    expect(stillText(progress(given))).toBe(still);
  });
});

test("a new try says which, why, who was in the way and when", () => {
  const event = {
    kind: "lock-retry", file, direction: "up", cause: "lock-timeout", failed: 2, left: 9,
    pauseMs: 800, blockers: [blocker],
  } as const;
  expect(retryText(event)).toBe(
    "Waiting for a lock: 1_x.sql, try 2 of 11 was rolled back (lock timeout); " +
      `in the way: ${said}; next try in 0.8 s`,
  );
  expect(retryText({ ...event, cause: "deadlock", blockers: [] })).toBe(
    "Waiting for a lock: 1_x.sql, try 2 of 11 was rolled back (deadlock); " +
      "nobody was seen in the way; next try in 0.8 s",
  );
});

test("a locked ledger", () => {
  const table = { schema: "public", table: "schema_migrations" };
  expect(tableWaitText({ kind: "table-wait", table, waitedMs: 2_000, blockers: [blocker] })).toBe(
    `Waiting for "public"."schema_migrations", which is locked; in the way: ${said}; 2 s so far`,
  );
});

describe("printing", () => {
  function print(events: readonly Event[], live: "live" | "lines"): readonly string[] {
    const told: string[] = [];
    const output: Output = {
      out: (text) => void told.push(`out ${String(text)}`),
      err: (text) => void told.push(`err ${text}`),
      errAsIs: () => {},
      hide: () => {},
      blanked: (text) => text,
      errStyle: "plain",
      live: live === "lines"
        ? undefined
        : { show: (text) => void told.push(`live ${text}`), clear: () => {} },
      whenGone: () => {},
    failure: () => undefined,
    };
    const print = textPrinter(output, {
      detail: "normal", status: "short", format: "text", targetOptions: "", logFormat: "text",
      logLevel: "info", outLevel: "info",
    });
    for (const event of events) print(event);
    return told;
  }
  const at = (elapsedMs: number): Event => progress({ elapsedMs });
  const applying: Event = { kind: "applying", file };

  test("elsewhere than on a terminal a step has a line each 30 s", () => {
    const seconds = [1, 29, 30, 31, 59, 60, 61, 125, 149, 150];
    const told = print([applying, ...seconds.map((s) => at(s * 1000)), applying, at(29_999),
      at(30_000)], "lines");
    expect(told).toEqual([
      "out Applying: 1_x.sql\n",
      "err Still applying: 1_x.sql, 30 s so far\n",
      "err Still applying: 1_x.sql, 60 s so far\n",
      "err Still applying: 1_x.sql, 2 min 5 s so far\n",
      "err Still applying: 1_x.sql, 2 min 30 s so far\n",
      "out Applying: 1_x.sql\n",
      "err Still applying: 1_x.sql, 30 s so far\n",
    ]);
  });

  test("on a terminal each is shown, and nothing in it moves the cursor", () => {
    const evil = { ...blocker, application: "a\u001b[2Jb" };
    expect(print([at(600), progress({ elapsedMs: 800, blockers: [evil] })], "live")).toEqual([
      "live Applying for 0.6 s",
      "live Applying for 0.8 s, in the way: pid 99 (user app, a\ufffd[2Jb, " +
        "idle in transaction for 40 s): select ?",
    ]);
  });
});
