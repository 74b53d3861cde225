/** The table of rooms, owners and limits that the structure test executes. */

/** A file that stands beside others in no room is its own room. */
export const rooms = [
  "errors", "core", "options", "config", "pg", "disk", "tools",
  "engine", "commands", "report", "cli", "main",
] as const;

export type Room = (typeof rooms)[number];

/** What a room may import; a path stands for that one file. */
export const mayImport: Readonly<Record<Room, readonly string[]>> = {
  errors: [],
  core: ["errors", "core"],
  options: ["errors", "core"],
  config: ["errors", "core", "options"],
  pg: ["errors", "core", "pg"],
  disk: ["errors", "core", "disk"],
  tools: ["errors", "core", "tools"],
  engine: ["errors", "core", "options", "config", "pg", "disk", "tools", "engine"],
  commands: ["errors", "core", "options", "engine", "src/commands/command.ts"],
  report: ["errors", "core", "report"],
  cli: rooms.filter((room) => room !== "main"),
  main: rooms,
};

/** What a room may import as a type only. */
export const mayImportTypes: Readonly<Partial<Record<Room, readonly string[]>>> = {
  report: ["engine", "src/commands/command.ts"],
};

/** The one command module that knows its siblings. */
export const commandList = "src/commands/list.ts";

export interface Effect {
  readonly name: string;
  /** Rooms or paths. */
  readonly owners: readonly string[];
  readonly packages?: readonly string[];
  /** Names of a package that are the effect, where the rest of it is not. */
  readonly imports?: readonly string[];
  /** `global.member`, `global.*` for all of it, `new Date()` for itself. */
  readonly globals?: readonly string[];
}

/** Each effect has one owner. The first line that fits a use decides. */
export const effects: readonly Effect[] = [
  { name: "the driver", owners: ["src/pg/session.ts"], packages: ["postgres"] },
  { name: "the command parser", owners: ["src/cli.ts"], packages: ["cac"] },
  {
    name: "files",
    owners: ["disk"],
    packages: ["fs", "fs/promises", "bun:sqlite"],
    globals: ["Bun.file", "Bun.write"],
  },
  {
    name: "running programs",
    owners: ["tools"],
    packages: ["child_process"],
    globals: ["Bun.spawn", "Bun.spawnSync", "Bun.$"],
  },
  {
    name: "output",
    owners: ["report"],
    globals: [
      "console.*", "process.stdout", "process.stderr", "Bun.stdout", "Bun.stderr",
    ],
  },
  {
    name: "the network",
    owners: ["pg"],
    packages: ["net", "tls"],
    globals: ["Bun.connect", "Bun.listen", "Bun.sql", "Bun.SQL"],
  },
  {
    name: "the clock",
    owners: ["main"],
    globals: ["Date.now", "new Date()", "performance.now", "Bun.nanoseconds"],
  },
  {
    name: "randomness",
    owners: ["main"],
    imports: ["randomBytes", "randomInt", "randomUUID", "getRandomValues", "randomFillSync"],
    globals: [
      "Math.random", "crypto.randomUUID", "crypto.getRandomValues", "crypto.randomBytes",
      "Bun.randomUUIDv7",
    ],
  },
  {
    name: "the process",
    owners: ["main"],
    packages: ["process", "os"],
    globals: ["process.*", "Bun.env", "Bun.argv", "Bun.main", "import.meta.env"],
  },
];

/** What only the command that needs it may load, by `await import()` or in a worker. */
export const heavyPackages = [
  "@electric-sql/pglite",
  "@electric-sql/pglite-tools",
  "libpg-query",
  "@supabase/pg-delta",
  // Together they are a sixth of a short command; a plain connection and a hash need none of them.
  "net", "tls", "stream", "crypto",
] as const;

export const forbiddenNames = [
  "util", "utils", "helper", "helpers", "common", "lib", "shared", "misc", "type", "types",
  "index",
] as const;

/** What may lie at the top, beside dotfiles. */
export const topLevel = [
  "package.json", "tsconfig.json", "src", "db", "scripts", "Dockerfile", "README.md",
  "bun.lock", "LICENSE", "CHANGELOG.md",
] as const;

export const limits = {
  functionLines: 70,
  fileLines: 400,
  columns: 100,
  parameters: 4,
  commandLines: 60,
  scriptLines: 150,
} as const;

export interface Exception {
  readonly rule: string;
  readonly path: string;
  /** Part of the message, where the path alone would allow too much. */
  readonly about?: string;
  readonly reason: string;
}

/** Each is looked for: one that nothing needs any more is itself a violation. */
export const exceptions: readonly Exception[] = [
  {
    rule: "effect",
    path: "src/pg/embedded-worker.ts",
    about: "Bun.file",
    reason: "it reads its own assets out of the binary, which are no files of the user's",
  },
  {
    rule: "effect",
    path: "src/pg/pg-dump.ts",
    about: "Bun.file",
    reason: "it reads its own program out of the binary, which is no file of the user's",
  },
  {
    rule: "effect",
    path: "src/pg/sql-parser.ts",
    about: "Bun.file",
    reason: "it reads its own parser out of the binary, which is no file of the user's",
  },
  {
    rule: "heavy",
    path: "src/pg/tls-socket.ts",
    reason: "it is itself loaded when a server takes up the offer of TLS",
  },
  {
    rule: "heavy",
    path: "src/pg/embedded.ts",
    about: "stream",
    reason: "it is itself loaded by what needs an embedded Postgres",
  },
  {
    rule: "effect",
    path: "src/report/output.ts",
    about: "fs",
    reason: "writeSync to the two streams: node's stream objects take 5 ms to set up",
  },
];
