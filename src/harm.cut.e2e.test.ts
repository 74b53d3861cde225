/** The built pgmate behind a line that is cut, cut short, slow, in pieces, or falls silent. */
import { expect, test } from "bun:test";
import { cutRun, makeCutStage } from "./testing/harm-cut.ts";
import { runCuts } from "./testing/harm-cuts.ts";
import { server } from "./testing/servers.ts";

const timeoutMs = 240_000;

test.concurrent("a line that is cut at some messages, slow, or in single bytes", async () => {
  const faults: string[] = [];
  const figures = await runCuts({
    seed: 5,
    server: await server(17),
    messages: 6,
    silenceEvery: 0,
    workers: 2,
    onFault: (text) => void faults.push(text),
  });
  expect(faults).toEqual([]);
  const struck = figures.rows.flatMap(({ kind, struck: times }) => times > 0 ? [kind, times] : []);
  expect(struck).toEqual(["up, drop", 6, "up, truncate", 6, "rollback, drop", 6]);
}, timeoutMs);

test.concurrent("a silence ends at the connect timeout, later when asked to", async () => {
  await using stage = await makeCutStage(await server(17), 6);
  const [early, late] = await Promise.all([
    cutRun(stage, stage.up, { kind: "silence", at: 5 }),
    cutRun(stage, stage.up, { kind: "silence", at: 120 }),
  ]);
  expect([early.faults, late.faults]).toEqual([[], []]);
  expect([early.ended, late.ended]).toEqual(["by itself", "when asked"]);
}, timeoutMs);
