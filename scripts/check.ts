// Checks everything: installs what the lockfile names, checks the types, builds, runs all tests.
import { delimiter, dirname, join } from "node:path";

const root = join(import.meta.dir, "..");
/** The first use of a server makes its files; a machine may be slow. */
const testTimeoutMs = 60_000;

/** Bun may not be on PATH: npx runs it from a folder of its own. */
const environment = {
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
    ["testing", [bun, "test", `--timeout=${testTimeoutMs}`, ...given]],
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
  return 0;
}

process.exit(await main());
