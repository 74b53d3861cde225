/** `plan`, `lint` and `--dry-run` write nothing: not to the target, not into the project. */

import { beforeAll, expect, test } from "bun:test";
import { spawn } from "node:child_process";
import { readdirSync, statSync } from "node:fs";
import { chmod, copyFile, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadModule, parseSync } from "libpg-query";
import { binary } from "./testing/program.ts";
import { serverUser } from "./testing/server-files.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial } from "./testing/trial.ts";

beforeAll(loadModule);

const commands: readonly (readonly string[])[] = [
  ["plan"], ["plan", "--rollback"], ["plan", "--rehearse"], ["plan", "--format", "sql"],
  ["up", "--dry-run"], ["lint"], ["lint", "-e", "DATABASE_URL"],
];

/** What leaves a database as it is; LOCK is pg_dump's, in ACCESS SHARE MODE. */
const reads: readonly string[] = [
  "SelectStmt", "TransactionStmt", "VariableSetStmt", "VariableShowStmt", "DeallocateStmt",
  "LockStmt", "PrepareStmt", "ExecuteStmt", "UnlistenStmt", "DiscardStmt", "DeclareCursorStmt",
  "FetchStmt", "ClosePortalStmt",
];

async function target(): Promise<Trial> {
  const t = await trial(await server(17), {
    "001_a.sql": pair("create table t (id int, name text);", "drop table t;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(0);
  await t.migrations({ "002_b.sql": pair("alter table t drop column name;") });
  return t;
}

test("the server sees nothing but reads", async () => {
  await using t = await target();
  await t.query(`alter database "${t.database.name}" set log_statement = 'all'`);
  for (const args of commands) {
    const mark = t.server.mark();
    const ran = await t.pgmate(args);
    expect([args.join(" "), ran.status < 2]).toEqual([args.join(" "), true]);
    const seen = t.server.statementsSince(mark, t.database.name);
    expect(seen.length > 0).toBe(args.join(" ") !== "lint");
    const kinds = seen.flatMap((text) =>
      (parseSync(text).stmts ?? []).flatMap(({ stmt }) => Object.keys(stmt ?? {})),
    );
    expect([...new Set(kinds)].filter((kind) => !reads.includes(kind))).toEqual([]);
    expect(seen.join("\n")).not.toMatch(/lock table.*in (?!access share)/i);
    expect(seen.join("\n")).not.toMatch(/pg_(?:try_)?advisory|\bfor update\b|\binto\b/i);
  }
});

test("a folder without write permission is enough, and stays as it is", async () => {
  await using t = await target();
  const folders = ["", "db", "db/migrations"].map((name) => join(t.project.folder, name));
  const files = folders.slice(2).flatMap((folder) =>
    readdirSync(folder).map((name) => join(folder, name)),
  );
  for (const folder of folders) await chmod(folder, 0o555);
  for (const file of files) await chmod(file, 0o444);
  const before = tree(t.project.folder);
  const elsewhere = await mkdtemp(join(tmpdir(), "pgmate-reads-"));
  await chmod(elsewhere, 0o755);
  const program = join(elsewhere, "pgmate");
  await copyFile(binary, program);
  await chmod(program, 0o755);
  for (const args of commands) {
    const ran = await asNobody(program, args, t);
    expect([args.join(" "), ran.status < 2 ? "" : ran.stderr]).toEqual([args.join(" "), ""]);
  }
  await rm(elsewhere, { recursive: true });
  expect(tree(t.project.folder)).toEqual(before);
  for (const folder of folders) await chmod(folder, 0o755);
});

/** Root may write everywhere, so that it must be somebody else who cannot. */
async function asNobody(
  program: string,
  args: readonly string[],
  { project, database }: Trial,
): Promise<{ readonly status: number; readonly stderr: string }> {
  const child = spawn(program, [...args], {
    cwd: project.folder,
    env: { PATH: "/usr/bin:/bin", HOME: "/nonexistent", DATABASE_URL: database.url },
    stdio: ["ignore", "ignore", "pipe"],
    ...serverUser(),
  });
  let stderr = "";
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (code) => resolve({ status: code ?? 128, stderr }));
  });
}

function tree(folder: string): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).toSorted();
  return ["", ...names].map((name) => {
    const { mtimeMs, size } = statSync(join(folder, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}
