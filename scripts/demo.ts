// Shows the main job: builds pgmate and migrates the sample in db/ into an embedded Postgres.
import { existsSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dir, "..");
const url = "pglite:dist/demo";

async function main(): Promise<number> {
  // What only the tests need is many times larger; it is kept where it is installed already.
  const extent = existsSync(join(root, "node_modules/pg18")) ? [] : ["--production"];
  const bun = process.execPath;
  const prepared =
    (await run([bun, "install", "--frozen-lockfile", ...extent], "quiet")) ||
    (await run([bun, "run", "scripts/build.ts"], "shown"));
  if (prepared !== 0) return prepared;
  const pgmate = join(root, "dist/pgmate");
  // A run before this one left its database, and an empty one shows more.
  if (existsSync(join(root, "dist/demo"))) {
    const dropped = await run([pgmate, "--url", url, "drop"], "quiet");
    if (dropped !== 0) return dropped;
  }
  for (const command of [["up"], ["status", "--long"], ["version"]]) {
    console.log(`\n$ pgmate --url ${url} ${command.join(" ")}`);
    const status = await run([pgmate, "--url", url, ...command], "shown");
    if (status !== 0) return status;
  }
  return 0;
}

/** The exit status; what a quiet command printed is shown when it failed. */
async function run(command: readonly string[], output: "shown" | "quiet"): Promise<number> {
  const stream = output === "shown" ? "inherit" : "pipe";
  const child = Bun.spawn([...command], { cwd: root, stdio: ["ignore", stream, stream] });
  const [out, err, status] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  if (status !== 0 && output === "quiet") console.error(`${command.join(" ")}\n${out}${err}`);
  return status;
}

process.exit(await main());
