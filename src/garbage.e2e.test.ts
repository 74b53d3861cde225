/** The built program and garbage: settings, passwords on a server, ledgers that are not ours. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { rmSync } from "node:fs";
import { programKinds } from "./testing/garbage-kinds.ts";
import { type Ground, prepareGround } from "./testing/garbage-program.ts";
import { seeded } from "./testing/seeded.ts";
import { server } from "./testing/servers.ts";

let ground: Ground;
beforeAll(async () => {
  ground = await prepareGround(await server(18), seeded(1));
});
afterAll(() => rmSync(ground.folder, { recursive: true, force: true }));

describe("garbage", () => {
  const counts = programKinds.map(({ kind, perMille }) => [kind.name, kind, 8 + perMille] as const);
  test.each(counts)("%s", async (_, kind, count) => {
    for (let seed = 1; seed <= count; seed += 1) {
      const { faults } = await kind.run(seeded(seed), ground);
      expect(faults.map((one) => `${one.what} ${seed}: ${one.text}`)).toEqual([]);
    }
  }, 120_000);
});
