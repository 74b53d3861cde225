/** Many runs of the built pgmate at once on one database. */
import { expect, test } from "bun:test";
import { raceRollbacks, raceUps } from "./testing/harm-race.ts";
import { server } from "./testing/servers.ts";

const timeoutMs = 240_000;

test("32 times up at once, on a database that is not there yet", async () => {
  const on = await server(17);
  const { faults, workers } = await raceUps(on, { seed: 1, runs: 32, database: "missing" });
  expect(faults).toEqual([]);
  expect(workers).toBe(1);
}, timeoutMs);

test("8 times up at once, on an empty database", async () => {
  const on = await server(18);
  const { faults } = await raceUps(on, { seed: 2, runs: 8, database: "there" });
  expect(faults).toEqual([]);
}, timeoutMs);

test("up and rollback at once: one after the other, and history is true", async () => {
  const { faults, workers } = await raceRollbacks(await server(17), { seed: 3, rounds: 8 });
  expect(faults).toEqual([]);
  expect(workers).toBeGreaterThanOrEqual(8);
}, timeoutMs);
