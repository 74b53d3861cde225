// Compiles dist/pgmate, one binary with everything in it, for this machine or a given target.
import { readdir, rename, rm, stat } from "node:fs/promises";
import { dirname, extname, join } from "node:path";
import { signForMac } from "./release/mac-signature.ts";
import { makeSeed } from "./seed.ts";

const root = join(import.meta.dir, "..");

/** `target` as `bun build --compile --target` names it; without one, for this machine. */
export async function build(target?: string): Promise<string> {
  await makeSeed();
  const startedMs = performance.now();
  const name = target === undefined ? "pgmate" : outputName(target);
  const outfile = join(root, "dist", name);
  // Made beside, since a program that runs cannot be written over; its name is in its bytes, and
  // the same program is the same bytes whatever it is called afterwards.
  const made = join(root, "dist", `building-${process.pid}`, `pgmate${extname(name)}`);
  // A program of its own, since Bun.build lacks some of these switches. Plain asset names lay
  // the files where the libraries look for them; the last two keep the binary from reading
  // .env and bunfig.toml of whatever folder it stands in.
  const compiler = Bun.spawn(
    [
      process.execPath, "build", "--compile", "--minify", "--bytecode", "--format=esm",
      // What is imported late lies in parts of its own, which a version or help never reads.
      "--splitting",
      // What runs for a tenth of a second is interpreted sooner than it is compiled.
      "--compile-jit-policy=20",
      "--asset-naming=[name].[ext]", "--root=src",
      // libpg-query's would name the folder that it was built in, on which the bytes depended.
      '--define=__dirname="/"', '--define=__filename="/libpg-query.js"',
      "--no-compile-autoload-dotenv", "--no-compile-autoload-bunfig",
      ...(target === undefined ? [] : [`--target=${target}`]),
      "src/main.ts", ...(await workers()), "--outfile", made,
    ],
    { cwd: root, stdout: "pipe", stderr: "pipe", env: { ...process.env, BUN_BE_BUN: "1" } },
  );
  const [out, err] = await Promise.all([
    new Response(compiler.stdout).text(),
    new Response(compiler.stderr).text(),
  ]);
  if ((await compiler.exited) !== 0) throw new Error(`cannot compile:\n${out}${err}`);
  if ((target ?? process.platform).includes("darwin")) await signForMac(made);
  await rename(made, outfile);
  await rm(dirname(made), { recursive: true });
  const megabytes = (await stat(outfile)).size / 1e6;
  const seconds = (performance.now() - startedMs) / 1000;
  console.log(`built ${outfile}: ${megabytes.toFixed(0)} MB in ${seconds.toFixed(1)} s`);
  return outfile;
}

function outputName(target: string): string {
  const name = target.replace(/^bun-/, "pgmate-");
  return target.includes("windows") ? `${name}.exe` : name;
}

/** Workers are entry points of their own: nothing imports them. */
async function workers(): Promise<readonly string[]> {
  const names = await readdir(join(root, "src/pg"));
  const found = names.filter((name) => name.endsWith("-worker.ts")).toSorted();
  return found.map((name) => `src/pg/${name}`);
}

if (import.meta.main) await build(process.argv[2]);
