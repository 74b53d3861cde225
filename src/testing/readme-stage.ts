/** A project and a server on which the README's commands are run as a shell runs them. */

import { spawn } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { mkdir, symlink } from "node:fs/promises";
import { join } from "node:path";
import { binary, type ProjectFiles, temporaryProject } from "./program.ts";
import { type Row, startServer, type TestServer } from "./servers.ts";

export interface Stage {
  readonly folder: string;
  /** Of the database `shop`, as the role `app`, which may make databases. */
  readonly url: string;
  write(files: ProjectFiles): Promise<void>;
  /** As the superuser. */
  query(sql: string): Promise<readonly Row[]>;
  /** Runs the commands in one shell; what each has printed on both streams, in its order. */
  session(commands: readonly string[], during?: During): Promise<readonly string[]>;
  /** Runs a script that ends at the first command that fails. Throws then, with what it said. */
  script(text: string): Promise<void>;
  [Symbol.asyncDispose](): Promise<void>;
}

/** Does something to the commands while they run; `printed` is what has come so far. */
export type During = (stage: Stage, printed: () => string) => Promise<void>;

const password = "secret";
const root = join(import.meta.dir, "../..");
const shellTimeoutMs = 100_000;

/** Of the sample project, with the schema file. */
export function sampleFiles(): ProjectFiles {
  const names = readdirSync(join(root, "db"), { recursive: true, encoding: "utf8" });
  const files = names.filter((name) => name.endsWith(".sql"));
  return Object.fromEntries(
    files.map((name) => [`db/${name}`, readFileSync(join(root, "db", name), "utf8")]),
  );
}

export async function readmeServer(): Promise<TestServer> {
  const server = await startServer({ version: 17 });
  await server.query("postgres", `create role app login createdb password '${password}'`);
  return server;
}

/** A new project, and a server without the database `shop`. One stage at a time. */
export async function openStage(server: TestServer): Promise<Stage> {
  for (const row of await server.query("postgres", "select datname from pg_database")) {
    const name = String(row["datname"]);
    if (!name.startsWith("shop")) continue;
    await server.query("postgres", `drop database ${name} with (force)`);
  }
  const project = await temporaryProject();
  const programs = join(project.folder, ".programs");
  await mkdir(programs);
  await symlink(binary, join(programs, "pgmate"));
  const shell: Shell = {
    folder: project.folder,
    port: server.port,
    env: {
      PATH: `${project.folder}/.local/bin:${programs}:/usr/local/bin:/usr/bin:/bin`,
      HOME: project.folder,
      TZ: "UTC",
      DATABASE_URL: "postgres://app@localhost:5432/shop",
      PGPASSWORD: password,
      GIT_AUTHOR_NAME: "a", GIT_AUTHOR_EMAIL: "a@example.org",
      GIT_COMMITTER_NAME: "a", GIT_COMMITTER_EMAIL: "a@example.org",
    },
  };
  const stage: Stage = {
    folder: project.folder,
    url: `postgres://app:${password}@localhost:${server.port}/shop`,
    write: (files) => project.write(files),
    query: (sql) => server.query("shop", sql),
    session: async (commands, during) => {
      const script = commands.map((one, index) => `echo '${mark(index)}'\n${one}\n`).join("");
      const running = startShell(shell, script);
      const [{ printed }] = await Promise.all([
        running.ended, during?.(stage, running.printed),
      ]);
      return commands.map((_, index) => {
        const [, own = ""] = printed.split(`${mark(index)}\n`);
        return (own.split(mark(index + 1))[0] ?? "").trimEnd();
      });
    },
    script: async (text) => {
      const { status, printed } = await startShell(shell, `set -e\n${text}`).ended;
      if (status !== 0) throw new Error(`status ${status} of:\n${text}\n${printed}`);
    },
    [Symbol.asyncDispose]: () => project[Symbol.asyncDispose](),
  };
  return stage;
}

function mark(index: number): string {
  return `=== command ${index} ===`;
}

interface Shell {
  readonly folder: string;
  /** That of the server, which the README calls 5432. */
  readonly port: number;
  readonly env: Readonly<Record<string, string>>;
}

interface RunningShell {
  printed(): string;
  readonly ended: Promise<{ readonly status: number | null; readonly printed: string }>;
}

/** Both streams are one pipe, so that what is printed comes in the order in which it was. */
function startShell({ folder, port, env }: Shell, script: string): RunningShell {
  const here = (text: string): string => text.replaceAll("localhost:5432", `localhost:${port}`);
  const given = Object.fromEntries(Object.entries(env).map(([name, text]) => [name, here(text)]));
  const child = spawn("/bin/sh", ["-c", `exec 2>&1\n${here(script)}`], {
    cwd: folder, env: given, stdio: ["ignore", "pipe", "ignore"], timeout: shellTimeoutMs,
  });
  const chunks: Buffer[] = [];
  const printed = (): string => Buffer.concat(chunks).toString("utf8");
  child.stdout.on("data", (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise<{ status: number | null; printed: string }>((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, printed: printed() }));
  });
  return { printed, ended };
}
