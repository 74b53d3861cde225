/** Executes the house rules on the source, and proves that each rule catches what it is for. */
import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { checkStructure } from "./testing/structure.ts";
import type { Exception } from "./testing/structure-table.ts";
import { exceptions, topLevel } from "./testing/structure-table.ts";

const root = join(import.meta.dir, "..");

function projectFiles(): Readonly<Record<string, string>> {
  const files: Record<string, string> = {};
  for (const folder of ["src", "scripts"]) {
    const names = readdirSync(join(root, folder), { recursive: true, encoding: "utf8" });
    for (const name of names.filter((one) => /(?<!\.d)\.ts$/.test(one)).toSorted()) {
      files[`${folder}/${name}`] = readFileSync(join(root, folder, name), "utf8");
    }
  }
  return files;
}

test("the source keeps the house rules", async () => {
  const found = await checkStructure(projectFiles(), exceptions);
  expect(found.map((one) => `${one.path}:${one.line} [${one.rule}] ${one.message}`)).toEqual([]);
}, 120_000);

test("nothing new lies at the top", () => {
  const ignored = ["node_modules", "dist", "package-lock.json"];
  const names = readdirSync(root).filter((name) => !name.startsWith(".") && !name.endsWith(".log"));
  const known: readonly string[] = [...topLevel, ...ignored];
  expect(names.filter((name) => !known.includes(name))).toEqual([]);
});

/** The rules that break when these lines stand at that path in an otherwise good project. */
async function broken(
  files: Readonly<Record<string, string>>,
  allowed: readonly Exception[] = [],
): Promise<readonly string[]> {
  const good = "/** Good. */\n";
  const given = Object.entries(files).map(([path, text]) => {
    return [path, path.startsWith("src/") ? good + text : text] as const;
  });
  // Everything is reached, so that only the rule in question speaks.
  const reached = given.map(([path]) => path)
    .filter((path) => /^src\/.*(?<!test)\.ts$/.test(path) && !path.startsWith("src/testing/"))
    .map((path) => `await import("./${path.slice("src/".length)}");\n`);
  const main = { "src/main.ts": good + reached.join("") };
  const found = await checkStructure({ ...main, ...Object.fromEntries(given) }, allowed);
  return found.map(({ rule }) => rule);
}

const caught: readonly (readonly [rule: string, path: string, text: string])[] = [
  ["room", "src/core/plan.ts", 'import { a } from "../engine/up.ts";'],
  ["room", "src/core/plan.ts", 'import type { A } from "../engine/up.ts";'],
  ["room", "src/core/plan.ts", 'export { a } from "../engine/up.ts";'],
  ["room", "src/core/plan.ts", 'export type A = import("../engine/up.ts").A;'],
  ["room", "src/core/plan.ts", 'export const a = await_("x"); import("../engine/up.ts");'],
  ["room", "src/pg/session.ts", 'import { a } from "../disk/write.ts";'],
  ["room", "src/commands/up.ts", 'import { a } from "./down.ts";'],
  ["room", "src/commands/up.ts", 'import { a } from "../pg/session.ts";'],
  ["room", "src/report/text.ts", 'import { a } from "../engine/up.ts";'],
  ["room", "src/main.ts", 'import { a } from "./testing/servers.ts";'],
  ["room", "src/other.ts", "export const a = 1;"],
  ["room", "src/other/thing.ts", "export const a = 1;"],
  ["effect", "src/pg/lock.ts", 'import postgres from "postgres";'],
  ["effect", "src/pg/lock.ts", 'import type { Sql } from "postgres";'],
  ["effect", "src/engine/up.ts", 'import cac from "cac";'],
  ["effect", "src/engine/up.ts", 'import { readFileSync } from "node:fs";'],
  ["effect", "src/engine/up.ts", 'import { readFile } from "fs/promises";'],
  ["effect", "src/engine/up.ts", 'import { Database } from "bun:sqlite";'],
  ["effect", "src/engine/up.ts", 'Bun.file("x");'],
  ["effect", "src/engine/up.ts", 'import { spawn } from "node:child_process";'],
  ["effect", "src/engine/up.ts", 'Bun.spawn(["x"]);'],
  ["effect", "src/engine/up.ts", "await Bun.$`ls`;"],
  ["effect", "src/engine/up.ts", 'console.log("x");'],
  ["effect", "src/engine/up.ts", 'process.stdout.write("x");'],
  ["effect", "src/engine/up.ts", 'globalThis.console.error("x");'],
  ["effect", "src/report/text.ts", "process.exit(1);"],
  ["effect", "src/report/text.ts", 'process["exit"](1);'],
  ["effect", "src/config.ts", "export const a = process.argv;"],
  ["effect", "src/config.ts", "export const a = process.env;"],
  ["effect", "src/config.ts", "export const { env } = process;"],
  ["effect", "src/config.ts", "f(process);"],
  ["effect", "src/config.ts", 'export const a = Bun.env["HOME"];'],
  ["effect", "src/config.ts", 'import { homedir } from "node:os";'],
  ["effect", "src/engine/up.ts", 'process.on("SIGINT", f);'],
  ["effect", "src/engine/up.ts", "export const now = Date.now();"],
  ["effect", "src/engine/up.ts", "export const now = new Date();"],
  ["effect", "src/engine/up.ts", "export const now = performance.now();"],
  ["effect", "src/engine/up.ts", "export const a = Math.random();"],
  ["effect", "src/engine/up.ts", "export const a = crypto.randomUUID();"],
  ["effect", "src/engine/up.ts", 'import { randomBytes } from "node:crypto";'],
  ["effect", "src/engine/up.ts", 'import { connect } from "node:net";'],
  ["heavy", "src/pg/embedded.ts", 'import { PGlite } from "@electric-sql/pglite";'],
  ["heavy", "src/pg/dump.ts", 'import { d } from "@electric-sql/pglite-tools/pg_dump";'],
  ["heavy", "src/pg/socket.ts", 'import { connect } from "node:net";'],
  ["heavy", "src/core/plan.ts", 'import { createHash } from "node:crypto";'],
  ["core", "src/core/plan.ts", "export const f = async () => 1;"],
  ["core", "src/core/plan.ts", "await f();"],
  ["any", "src/core/plan.ts", "export const a: any = 1;"],
  ["any", "src/core/plan.test.ts", "export const a = b as any;"],
  ["non-null", "src/core/plan.ts", "export const a = b!.c;"],
  ["non-null", "src/core/plan.ts", "let a!: string;"],
  ["non-null", "src/core/plan.ts", "class A { b!: string }"],
  ["default-export", "src/core/plan.ts", "export default 1;"],
  ["default-export", "src/core/plan.ts", "export default function f() {}"],
  ["default-export", "src/core/plan.ts", "const a = 1; export { a as default };"],
  ["enum", "src/core/plan.ts", "export enum A { B }"],
  ["enum", "src/core/plan.ts", "const enum A { B }"],
  ["plain-error", "src/core/plan.ts", 'throw new Error("x");'],
  ["plain-error", "src/core/plan.ts", 'throw new TypeError("x");'],
  ["unchecked", "src/core/plan.ts", `// @ts-${"ignore"}\nf();`],
  ["name", "src/core/utils.ts", "export const a = 1;"],
  ["name", "src/core/lint/index.ts", "export const a = 1;"],
  ["name", "src/pg/types.ts", "export type A = 1;"],
  ["columns", "src/core/plan.ts", `// ${"x".repeat(98)}`],
  ["columns", "src/core/plan.test.ts", `// ${"x".repeat(98)}`],
  ["parameters", "src/core/plan.ts", "function f(a: 1, b: 1, c: 1, d: 1, e: 1) {}"],
  ["parameters", "src/core/plan.ts", "const f = (a: 1, b: 1, c: 1, d: 1, e: 1) => a;"],
  ["boolean-parameter", "src/core/plan.ts", "function f(a: number, b: boolean) {}"],
  ["boolean-parameter", "src/core/plan.ts", "const f = (a = false) => a;"],
  ["function-lines", "src/core/plan.ts", `function f() {\n${"f();\n".repeat(69)}}`],
  ["function-lines", "src/core/plan.ts", `const f = () => {\n${"f();\n".repeat(69)}};`],
  ["file-lines", "src/core/plan.ts", "f();\n".repeat(400)],
  ["command-lines", "src/commands/up.ts", "f();\n".repeat(59)],
  ["script-lines", "scripts/build.ts", `// Builds.\n${"f();\n".repeat(150)}`],
  ["first-sentence", "scripts/build.ts", "f();"],
  ["first-sentence", "scripts/build.ts", "// builds\nf();"],
];

describe("caught", () => {
  test.each(caught.map(([rule, path, text]) => {
    return [`${rule}: ${text.replaceAll("\n", " ").slice(0, 60)}`, rule, path, text] as const;
  }))("%s", async (_title, rule, path, text) => {
    expect(new Set(await broken({ [path]: text }))).toEqual(new Set([rule]));
  });

  test("a cycle, types included", async () => {
    expect(await broken({
      "src/core/a.ts": 'import type { B } from "./b.ts";',
      "src/core/b.ts": 'import { a } from "./c.ts";',
      "src/core/c.ts": 'import { a } from "./a.ts";',
    })).toEqual(["cycle"]);
  });

  test("a file that nothing reaches, or only a test", async () => {
    expect(await broken({
      "src/main.ts": "f();",
      "src/core/a.ts": "f();",
      "src/core/a.test.ts": 'import { a } from "./a.ts";',
      "src/testing/b.ts": "f();",
    })).toEqual(["dead", "dead"]);
  });

  test("an exception that nothing needs", async () => {
    const idle = { rule: "any", path: "src/core/a.ts", reason: "none" };
    expect(await broken({ "src/core/a.ts": "f();" }, [idle])).toEqual(["exception"]);
  });
});

const allowed: readonly (readonly [what: string, path: string, text: string])[] = [
  ["text in strings and comments", "src/core/a.ts", 'const a = "x!.y: any"; // new Date()'],
  ["a given date", "src/core/a.ts", "export const f = (ms: number): Date => new Date(ms);"],
  ["types of the engine", "src/report/a.ts", 'import type { E } from "../engine/up.ts";'],
  ["a member of that name", "src/core/a.ts", "export const a = b.process.exit + { process: 1 };"],
  ["unreachable", "src/core/a.ts", 'function unreachable() { throw new Error("x"); }'],
  ["await import", "src/pg/a.ts", 'await import("@electric-sql/pglite");'],
  ["a worker", "src/pg/a-worker.ts", 'import { PGlite } from "@electric-sql/pglite";'],
  ["the list", "src/commands/list.ts", 'import { up } from "./up.ts";'],
  ["hashes", "src/core/a.ts", 'new Bun.CryptoHasher("sha256");'],
  ["types of what is heavy", "src/pg/a.ts", 'import type { Socket } from "node:net";'],
  ["the owner", "src/disk/a.ts", 'import { readFileSync } from "node:fs";'],
  ["errors of tests", "src/core/a.test.ts", 'throw new Error("x"); Date.now();'],
  ["a worker started", "src/pg/a.ts", 'new Worker(new URL("./a-worker.ts", import.meta.url));'],
];

describe("allowed", () => {
  test.each(allowed)("%s", async (_what, path, text) => {
    expect(await broken({ [path]: text })).toEqual([]);
  });

  test("a named exception", async () => {
    const named = { rule: "any", path: "src/core/a.ts", reason: "an example" };
    expect(await broken({ "src/core/a.ts": "export const a: any = 1;" }, [named])).toEqual([]);
  });
});
