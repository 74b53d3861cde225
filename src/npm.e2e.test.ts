/** The npm packages: installed from a registry by npm and by bun, and run as a person would. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { mkdir, readlink, writeFile } from "node:fs/promises";
import { constants, tmpdir } from "node:os";
import { join } from "node:path";
import packageJson from "../package.json";
import { machinePackage, mainPackage } from "../scripts/release/npm-packages.ts";
import { nativeTarget, packageName, targets } from "../scripts/release/target.ts";
import { type NpmRegistry, npmRegistry } from "./testing/npm-registry.ts";
import { binary } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { asleep } from "./testing/stopping.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

const root = mkdtempSync(join(tmpdir(), "npm-"));
const native = nativeTarget();
const versionText = `pgmate version ${packageJson.version}\n`;
let registry: NpmRegistry;

beforeAll(async () => {
  const others = targets.filter((one) => one !== native).map(async (one) => {
    const { file, manifest } = await machinePackage(one, new Uint8Array(), "");
    return { file, manifest };
  });
  registry = npmRegistry([
    await mainPackage(),
    await machinePackage(native, readFileSync(binary), "the licences"),
    ...(await Promise.all(others)),
  ]);
});

afterAll(async () => {
  await registry[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

interface Result {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

function environment(folder: string): Record<string, string> {
  return {
    PATH: process.env["PATH"] ?? "",
    HOME: folder,
    TZ: "UTC",
    npm_config_registry: registry.url,
    npm_config_cache: join(root, "npm-cache"),
    npm_config_update_notifier: "false",
    BUN_INSTALL_CACHE_DIR: join(root, "bun-cache"),
  };
}

async function run(cwd: string, command: readonly string[]): Promise<Result> {
  const child = Bun.spawn([...command], {
    cwd,
    env: environment(cwd),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const [stdout, stderr, code] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ]);
  return { status: code, stdout, stderr };
}

/** A person's project in which this has been done. */
async function project(name: string, ...install: readonly string[]): Promise<string> {
  const folder = join(root, name);
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "package.json"), '{"private":true}\n');
  if (install.length > 0) {
    const { status, stderr, stdout } = await run(folder, install);
    expect({ status, stderr, stdout }).toMatchObject({ status: 0 });
  }
  return folder;
}

function isProgram(path: string): boolean {
  return statSync(path).size === statSync(binary).size;
}

const machineFile = `${packageName(native).slice(1).replace("/", "-")}-${packageJson.version}.tgz`;
const npm = ["npm", "install", "-D", "--no-audit", "--no-fund", "pgmate"];

describe("npm install -D pgmate", () => {
  test("takes this machine's program, which stands in the command's place", async () => {
    const before = registry.fetched.length;
    const folder = await project("npm", ...npm);
    expect(registry.fetched.slice(before).toSorted()).toEqual(
      [machineFile, `pgmate-${packageJson.version}.tgz`].toSorted(),
    );
    const written = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as object;
    expect(written).toMatchObject({ devDependencies: { pgmate: `^${packageJson.version}` } });
    expect(readdirSync(join(folder, "node_modules/@pgmate"))).toEqual(
      [packageName(native).replace("@pgmate/", "")],
    );
    const command = join(folder, "node_modules/pgmate/bin/pgmate");
    expect(isProgram(command)).toBe(true);
    expect(statSync(command).ino).toBe(
      statSync(join(folder, "node_modules", packageName(native), "bin/pgmate")).ino,
    );
    expect(readdirSync(join(folder, "node_modules/pgmate/bin"))).toEqual(["pgmate"]);
    expect(await run(folder, ["npx", "pgmate", "--version"])).toMatchObject({
      status: 0, stdout: versionText,
    });
    expect((await run(folder, ["npx", "pgmate", "nothing"])).status).toBe(3);
  });

  test("works as well where no scripts are run", async () => {
    const folder = await project("no-scripts", ...npm, "--ignore-scripts");
    expect(isProgram(join(folder, "node_modules/pgmate/bin/pgmate"))).toBe(false);
    expect(await run(folder, ["npx", "pgmate", "--version"])).toMatchObject({
      status: 0, stdout: versionText,
    });
    expect((await run(folder, ["npx", "pgmate", "nothing"])).status).toBe(3);
  });

  test("without its optional dependencies says what is missing", async () => {
    const folder = await project("no-optional", ...npm, "--omit=optional");
    const { status, stdout, stderr } = await run(folder, ["npx", "pgmate", "--version"]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
    expect(stderr).toBe(
      `Error: the package ${packageName({ ...native, libc: "glibc" })} with the program is not `
        + "installed\nNext: install pgmate again, with its optional dependencies, on this "
        + "machine: `npm install pgmate`\n",
    );
  });
});

test("npx pgmate fetches it where it is not installed", async () => {
  const folder = await project("npx");
  expect(await run(folder, ["npx", "--yes", "pgmate", "--version"])).toMatchObject({
    status: 0, stdout: versionText,
  });
  expect(existsSync(join(folder, "node_modules"))).toBe(false);
});

describe("bun add -d pgmate", () => {
  test("takes this machine's program; the command runs it", async () => {
    const folder = await project("bun", process.execPath, "add", "-d", "pgmate");
    expect(isProgram(join(folder, "node_modules/pgmate/bin/pgmate"))).toBe(false);
    for (const command of [["node_modules/.bin/pgmate"], [process.execPath, "x", "pgmate"]]) {
      expect(await run(folder, [...command, "--version"])).toMatchObject({
        status: 0, stdout: versionText,
      });
      expect((await run(folder, [...command, "nothing"])).status).toBe(3);
    }
  });
});

/** Node as it was before it could become another program. */
const oldNode = "delete process.execve;\n";

interface Run {
  readonly pid: number;
  /** As a shell sees it. */
  readonly ended: Promise<number>;
  /** What it said; on a terminal, what was shown. */
  text(): string;
  type(keys: string): void;
}

interface RunOptions {
  readonly on: "terminal" | "pipe";
  /** What runs the command, where it is not the Node that it asks for. */
  readonly by?: readonly string[];
}

/** Begins a run that sleeps on the server, by the command in its own words. */
async function sleeping(t: Trial, command: string, { on, by = [] }: RunOptions): Promise<Run> {
  await t.project.write({ "old-node.cjs": oldNode });
  let told = "";
  const decoder = new TextDecoder();
  const data = (_: unknown, bytes: Uint8Array): void => void (told += decoder.decode(bytes));
  const child = Bun.spawn([...by, command, "up"], {
    cwd: t.project.folder,
    env: {
      ...environment(t.project.folder),
      ...(by.length === 0 ? { NODE_OPTIONS: "--require=./old-node.cjs" } : {}),
      DATABASE_URL: t.database.url,
      DBMATE_NO_DUMP_SCHEMA: "true",
    },
    ...(on === "pipe" ? { stdio: ["ignore", "ignore", "pipe"] as const } : { terminal: { data } }),
  });
  const reading = on === "pipe" ? new Response(child.stderr).text() : Promise.resolve("");
  await asleep(t);
  const ended = child.exited.then(async (code) => {
    told += await reading;
    const name = child.signalCode;
    return name === null ? code : 128 + Number(constants.signals[name as NodeJS.Signals]);
  });
  return {
    pid: child.pid,
    ended,
    text: () => told,
    type: (keys) => void child.terminal?.write(keys),
  };
}

function childrenOf(pid: number): readonly number[] {
  const text = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8");
  return text.split(" ").filter((word) => word.trim() !== "").map(Number);
}

describe("the command that starts the program", () => {
  let command = "";
  beforeAll(async () => {
    const folder = await project("command", ...npm, "--ignore-scripts");
    command = join(folder, "node_modules/pgmate/bin/pgmate");
  });
  const sleep = { "1_a.sql": pair("select pg_sleep(60);") };

  test.each([
    ["SIGTERM", 143], ["SIGINT", 130], ["SIGHUP", 129],
  ] as const)("passes %s on, and ends as the program does", async (signal, status) => {
    await using t = await trial(await server(17), sleep);
    const { pid, ended, text } = await sleeping(t, command, { on: "pipe" });
    expect(childrenOf(pid)).toHaveLength(1);
    process.kill(pid, signal);
    expect(await ended).toBe(status);
    expect(text()).toContain("State: nothing of 1_a.sql was kept");
    expect(text()).not.toContain("left at once");
  });

  test("leaves Ctrl-C to the terminal, which has told the program", async () => {
    await using t = await trial(await server(17), sleep);
    const { ended, text, type } = await sleeping(t, command, { on: "terminal" });
    type("\u0003");
    expect(await ended).toBe(130);
    expect(text()).toContain("State: nothing of 1_a.sql was kept");
    expect(text()).not.toContain("left at once");
  });

  test("passes on what somebody else than the terminal sent", async () => {
    await using t = await trial(await server(17), sleep);
    const { pid, ended, text } = await sleeping(t, command, { on: "terminal" });
    process.kill(pid, "SIGINT");
    expect(await ended).toBe(130);
    expect(text()).toContain("State: nothing of 1_a.sql was kept");
  });

  test.each([["SIGKILL", 137], ["SIGQUIT", 131]] as const)(
    "a program that %s ended is no success",
    async (signal, status) => {
      await using t = await trial(await server(17), sleep);
      const { pid, ended } = await sleeping(t, command, { on: "pipe" });
      process.kill(childrenOf(pid)[0] ?? 0, signal);
      expect(await ended).toBe(status);
    },
  );

  test("becomes the program where it can: there is nothing to pass on", async () => {
    await using t = await trial(await server(17), sleep);
    const by = [process.execPath];
    const { pid, ended, text } = await sleeping(t, command, { on: "pipe", by });
    expect(await readlink(`/proc/${pid}/exe`)).toEndWith(`/${packageName(native)}/bin/pgmate`);
    process.kill(pid, "SIGTERM");
    expect(await ended).toBe(143);
    expect(text()).toContain("State: nothing of 1_a.sql was kept");
  });
});
