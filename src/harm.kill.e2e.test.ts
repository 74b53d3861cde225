/** Runs that are killed, ended by the server or lose it, at moments picked by a seed. */
import { expect, test } from "bun:test";
import { type HarmServer, runSeries } from "./testing/harm-series.ts";
import { crashing, killing, terminating } from "./testing/harm-strikers.ts";
import { startRestartingServer } from "./testing/restarting-server.ts";
import { server } from "./testing/servers.ts";

const timeoutMs = 240_000;

/** Well is what left no fault; without strikes, or without a file taken up again, none can be. */
async function expectWell(strikes: number, servers: readonly HarmServer[]): Promise<void> {
  const faults: string[] = [];
  const figures = await runSeries({
    seed: 4,
    strikes,
    filesPerProject: 6,
    strikesPerProject: 20,
    servers,
    onFault: (text) => void faults.push(text),
  });
  expect(faults).toEqual([]);
  expect(figures.landed).toBeGreaterThanOrEqual(strikes);
  expect(figures.resumed).toBeGreaterThan(0);
}

test.concurrent("kill -9: the next run puts it right", async () => {
  await expectWell(9, [{ server: await server(17), striker: killing }]);
}, timeoutMs);

test.concurrent("pg_terminate_backend: status 2, and the next run puts it right", async () => {
  await expectWell(7, [{ server: await server(18), striker: terminating }]);
}, timeoutMs);

test.concurrent("a crash of the server: the next run puts it right", async () => {
  const own = await startRestartingServer({ version: 17 });
  try {
    await expectWell(4, [{ server: own, striker: crashing(own) }]);
  } finally {
    await own.stop();
  }
}, timeoutMs);
