// Meets one fault again that all.ts has told of: bun scripts/harm/one.ts kill SEED CASE VERSION.
import { replayCase, seriesProject } from "../../src/testing/harm-series.ts";
import { makeStage } from "../../src/testing/harm-stage.ts";
import { crashing, killing, terminating } from "../../src/testing/harm-strikers.ts";
import { startRestartingServer } from "../../src/testing/restarting-server.ts";
import { server, serverVersions } from "../../src/testing/servers.ts";

/** The moments are the same, but what a machine does in a millisecond is not. */
const times = 10;

async function main(): Promise<number> {
  const [what = "", seed, number, given] = process.argv.slice(2);
  const version = serverVersions.find((one) => String(one) === given) ?? 17;
  const own = what === "crash" ? await startRestartingServer({ version }) : undefined;
  const strikers = {
    kill: killing,
    terminate: terminating,
    ...(own === undefined ? {} : { crash: crashing(own) }),
  };
  const striker = Object.entries(strikers).find(([name]) => name === what)?.[1];
  if (striker === undefined || seed === undefined || number === undefined) {
    console.error("bun scripts/harm/one.ts kill|terminate|crash SEED CASE [VERSION]");
    return 2;
  }
  const project = seriesProject(Number(seed), { filesPerProject: 10 });
  await using stage = await makeStage(own ?? (await server(version)), project);
  for (let time = 1; time <= times; time += 1) {
    const { landed, files, faults } = await replayCase(stage, striker, Number(number));
    console.log(`${time}: ${landed} strikes, in ${files.join(", ")}; ${faults.length} faults`);
    if (faults.length > 0) {
      console.log(faults.join("\n"));
      return 1;
    }
  }
  return 0;
}

process.exit(await main());
