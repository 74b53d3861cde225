// Checks everything: installs what the lockfile names, checks the types, builds, runs all tests.
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { batches } from "./test-batches.ts";

const root = join(import.meta.dir, "..");
/** The first use of a server makes its files; a machine may be slow. */
const testTimeoutMs = 120_000;

/** A test file's own tests run at once where they may; more of them only wait for each other. */
const testsAtOnce = 4;

/** A folder in memory, where there is one of this size: most of what a server does is files. */
const memory = { folder: "/dev/shm", bytes: 6 * 2 ** 30 };

/** Bun may not be on PATH: npx runs it from a folder of its own. */
const environment: Record<string, string | undefined> = {
  ...process.env,
  PATH: [dirname(process.execPath), process.env["PATH"] ?? ""].join(delimiter),
};

async function main(): Promise<number> {
  const bun = process.execPath;
  const given = process.argv.slice(2);
  const compiler = join(root, "node_modules/typescript/bin/tsc");
  const steps: readonly (readonly [what: string, command: readonly string[]])[] = [
    ["installing", [bun, "install", "--frozen-lockfile"]],
    ["checking types", [bun, compiler, "-p", "."]],
    ["building", [bun, "run", "scripts/build.ts"]],
  ];
  for (const [what, command] of steps) {
    console.error(`--- ${what}`);
    const child = Bun.spawn([...command], {
      cwd: root,
      env: environment,
      stdio: ["ignore", "inherit", "inherit"],
    });
    const status = await child.exited;
    if (status !== 0) return status;
  }
  console.error("--- testing");
  const folder = temporaryFolder();
  if (folder === undefined) return testAll(given);
  const remove = (): void => void Bun.spawnSync(["rm", "-rf", folder]);
  for (const [signal, number] of [["SIGINT", 2], ["SIGTERM", 15], ["SIGHUP", 1]] as const) {
    process.on(signal, () => {
      remove();
      process.exit(128 + number);
    });
  }
  environment["TMPDIR"] = folder;
  const status = await testAll(given);
  // Servers that have lost their tests are still removing their own folders.
  await Bun.sleep(1_000);
  remove();
  return status;
}

/** One that goes with this process; none where TMPDIR says where to, or there is too little. */
function temporaryFolder(): string | undefined {
  if (process.env["TMPDIR"] !== undefined) return undefined;
  try {
    const { bavail, bsize } = statfsSync(memory.folder);
    if (bavail * bsize < memory.bytes) return undefined;
    const folder = mkdtempSync(join(memory.folder, "pgmate-"));
    // Servers that root starts run as nobody, and remove their folders there.
    chmodSync(folder, 0o1777);
    if (runsPrograms(folder)) return folder;
    rmSync(folder, { recursive: true });
    return undefined;
  } catch {
    return undefined;
  }
}

/** Containers often mount theirs so that nothing in it may be run. */
function runsPrograms(folder: string): boolean {
  const program = join(folder, "true");
  writeFileSync(program, "#!/bin/sh\n", { mode: 0o755 });
  try {
    return Bun.spawnSync([program]).exitCode === 0;
  } catch {
    return false;
  }
}

/** It keeps four servers at work; beside it tests that wait for a moment would miss it. */
const alone = "src/measured-rules.test.ts";

/** In two rows at once, since most of what a test does is to wait; what does not, by itself. */
async function testAll(given: readonly string[]): Promise<number> {
  if (given.length > 0) return test(given, "inherit").exited;
  const measured = await test([`./${alone}`], "inherit").exited;
  const rows = await testRows();
  return measured === 0 ? rows : measured;
}

async function testRows(): Promise<number> {
  const all = [...new Bun.Glob("src/**/*.test.ts").scanSync(root)];
  const queue = batches(all.filter((file) => file !== alone));
  const said: string[] = [];
  const statuses = await Promise.all([
    testRow(queue, async (files) => test(files, "inherit").exited),
    testRow(queue, async (files) => {
      const behind = test(files, "pipe");
      said.push(await new Response(behind.stderr).text());
      return behind.exited;
    }),
  ]);
  // Told behind the first, in one piece.
  console.error(said.join("\n"));
  return statuses.find((status) => status !== 0) ?? 0;
}

/** Takes what nobody has taken yet, until nothing is left; the first failure is its status. */
async function testRow(
  queue: string[][],
  run: (files: readonly string[]) => Promise<number>,
): Promise<number> {
  let status = 0;
  for (let files = queue.shift(); files !== undefined; files = queue.shift()) {
    const one = await run(files);
    if (status === 0) status = one;
  }
  return status;
}

function test<Kind extends "inherit" | "pipe">(files: readonly string[], kind: Kind) {
  const options = [`--timeout=${testTimeoutMs}`, `--max-concurrency=${testsAtOnce}`];
  return Bun.spawn([process.execPath, "test", ...options, ...files], {
    cwd: root,
    env: environment,
    stdio: ["ignore", "inherit", kind],
  });
}

process.exit(await main());
