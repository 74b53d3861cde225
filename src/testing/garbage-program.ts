/** The program itself with garbage for settings and files, and with real passwords on a server. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { faultsIn, type Finding, isDocumented } from "./garbage-case.ts";
import { garbageMigration, secretStatement } from "./garbage-file.ts";
import { makeSecret, passfileField, type Secret } from "./garbage-secret.ts";
import { garbageSettings, type GarbageSettings } from "./garbage-settings.ts";
import { spoilBytes } from "./garbage-text.ts";
import { pgmate } from "./program.ts";
import { type Random } from "./seeded.ts";
import type { FreshDatabase, TestServer } from "./servers.ts";

export interface ProgramMet {
  readonly outcome: string;
  readonly faults: readonly Pick<Finding, "what" | "text">[];
}

/** A case that runs the program; `ground` is where it may run. */
export interface ProgramKind {
  readonly name: string;
  readonly run: (random: Random, ground: Ground) => Promise<ProgramMet>;
}

export interface Ground {
  readonly server: TestServer;
  /** Emptied before each case. */
  readonly folder: string;
  readonly roles: readonly Role[];
}

export interface Role {
  readonly name: string;
  readonly secret: Secret;
}

/** No case has anything to do that takes a tenth of it. */
const caseMs = 90_000;

/** Roles with passwords that are hard to keep, on a server of the caller's. */
export async function prepareGround(server: TestServer, random: Random): Promise<Ground> {
  const folder = await mkdtemp(join(tmpdir(), "pgmate-garbage-"));
  const roles: Role[] = [];
  for (let i = 0; i < 12; i += 1) {
    const secret = makeSecret(random, i === 0 ? "plain" : "awkward");
    const name = `garbage_${i}`;
    const literal = `'${secret.text.replaceAll("'", "''")}'`;
    await server.query("postgres", `create role ${name} login superuser password ${literal}`);
    roles.push({ name, secret });
  }
  return { server, folder, roles };
}

export interface Run {
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly files: Readonly<Record<string, string | Uint8Array>>;
  /** In nothing at all. */
  readonly secrets: readonly Secret[];
  /** Of the files: in nothing but the server's log, which has them from the files' own SQL. */
  readonly literals?: readonly Secret[];
  /** What it left on the server. */
  readonly left?: () => Promise<{ readonly tables: string; readonly log: string }>;
}

/** Runs it, and looks at all that it said and wrote. */
export async function runProgram(ground: Ground, run: Run): Promise<ProgramMet> {
  rmSync(ground.folder, { recursive: true, force: true });
  mkdirSync(join(ground.folder, "db/migrations"), { recursive: true });
  for (const [path, content] of Object.entries(run.files)) {
    mkdirSync(dirname(join(ground.folder, path)), { recursive: true });
    writeFileSync(join(ground.folder, path), content, { mode: 0o600 });
  }
  const command = `pgmate ${JSON.stringify(run.argv)} ${JSON.stringify(run.env)}`;
  try {
    const { folder: cwd } = ground;
    const ran = await pgmate(run.argv, { cwd, env: run.env, timeoutMs: caseMs });
    const written = writtenFiles(ground.folder, run.files);
    const left = (await run.left?.()) ?? { tables: "", log: "" };
    const shown = [ran.stdout, ran.stderr, ...written, left.tables].join("\n");
    const faults = [
      ...faultsIn({ shown: `${shown}\n${left.log}`, outcome: "", secrets: run.secrets }),
      ...faultsIn({ shown, outcome: "", secrets: run.literals ?? [] }),
    ];
    if (!isDocumented(ran.status)) {
      faults.push({ what: "status", text: `${ran.status}: ${ran.stderr}` });
    }
    const named = faults.map(({ what, text }) => ({ what, text: `${command}\n${text}` }));
    return { outcome: `exit ${ran.status}`, faults: named };
  } catch (error) {
    const state = error instanceof Error && "state" in error ? String(error.state) : "";
    return { outcome: "hang", faults: [{ what: "slow", text: `${command}\n${error}\n${state}` }] };
  }
}

/** Names and contents of what was not there before. */
function writtenFiles(folder: string, given: Run["files"]): readonly string[] {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" });
  return names.filter((name) => !Object.hasOwn(given, name)).map((name) => {
    const path = join(folder, name);
    const isText = statSync(path).isFile() && !name.startsWith("data");
    return isText ? `${name}\n${readFileSync(path, "utf8")}` : name;
  });
}

/** Nothing here waits for a name to be resolved, or for a server that is not there. */
function quickSettings(random: Random): GarbageSettings {
  for (;;) {
    const given = garbageSettings(random);
    const text = JSON.stringify({ ...given, secrets: undefined });
    if (/wait|pglite/i.test(text)) continue;
    const near = text
      .replace(/db\.example\.com|ü\.example|999\.1\.1\.1|\[fe80::1%25eth0\]/g, "127.0.0.1")
      .replace(/5432/g, "1").replaceAll("/nowhere", "nowhere").replaceAll("a,b", "127.0.0.1");
    return { ...(JSON.parse(near) as GarbageSettings), secrets: given.secrets };
  }
}

export const programs: ProgramKind = {
  name: "the program without a server",
  run: (random, ground) => {
    const { argv, environment, envFile, toml, secrets } = quickSettings(random);
    return runProgram(ground, {
      argv: argv.map((word) => word.replaceAll("\0", "")),
      env: { DBMATE_NO_DUMP_SCHEMA: "true", PGCONNECT_TIMEOUT: "2", ...environment },
      files: {
        ".env": envFile,
        ...(toml === undefined ? {} : { "pgmate.toml": toml }),
        "db/migrations/1_a.sql": spoilBytes(random, garbageMigration(random), 3),
        ".pgpass": `*:*:*:*:${passfileField(secrets[1]?.text ?? "")}\n`,
      },
      secrets,
    });
  },
};

const commandLines = [
  "up", "up --verbose", "status", "status --long", "status --json", "up --dry-run", "version",
  "up --json", "rollback", "redo", "goto 1", "dump", "dump --stdout", "load", "create", "migrate",
  "force 1 --yes", "force 1 --dry-run", "up --strict --wait", "rollback --all", "wait", "drop --x",
];

/** The password is right or nearly right, and stands where people put it. */
export const passwords: ProgramKind = {
  name: "passwords on a server",
  run: async (random, ground) => {
    const { server } = ground;
    const { name: role, secret } = random.pick(ground.roles);
    const database = await server.freshDatabase();
    const other = makeSecret(random, "awkward");
    const given = random.percent(85) ? secret : other;
    const way = passwordWay(random, { role, given, server, database });
    const failing = [makeSecret(random, "awkward"), makeSecret(random, "plain")];
    const [literal, plain] = failing as [Secret, Secret];
    const broken = `${secretStatement(random, literal, plain)}\nselect nothing_like_it;\n`;
    const option = random.percent(50) ? "" : " transaction:false";
    const mark = server.mark();
    const command = random.pick(commandLines);
    const met = await runProgram(ground, {
      argv: [...way.argv, ...command.split(" ")],
      env: { DBMATE_WAIT_TIMEOUT: "2s", ...way.env },
      files: {
        "db/migrations/1_a.sql":
          `-- migrate:up\ncreate table t (a int);\n-- migrate:down\ndrop table t;\n`,
        "db/migrations/2_b.sql": `-- migrate:up${option}\n${broken}-- migrate:down\n`,
        ...way.files,
      },
      secrets: [secret, other],
      // A dry run prints the files as they are.
      literals: command.includes("dry-run") ? [] : failing,
      left: async () => ({ log: server.logSince(mark), tables: await tables(database) }),
    });
    await server.query("postgres", `drop database if exists "${database.name}" with (force)`);
    return met;
  },
};

interface Wanted {
  readonly role: string;
  readonly given: Secret;
  readonly server: TestServer;
  readonly database: FreshDatabase;
}

type Way = Pick<Run, "argv" | "env" | "files">;

function passwordWay(random: Random, { role, given, server, database }: Wanted): Way {
  const { host, port } = server;
  const place = `${host}:${port}/${database.name}`;
  const secret = given.text;
  const encoded = `postgres://${role}:${encodeURIComponent(secret)}@${place}`;
  const raw = `postgres://${role}:${secret}@${place}`;
  const bare = `postgres://${role}@${place}`;
  const url = random.pick([encoded, raw]);
  const service = [
    "[s]", `host=${host}`, `port=${port}`, `user=${role}`, `dbname=${database.name}`,
    `password=${secret}`, "",
  ].join("\n");
  const none = { argv: [], env: {}, files: {} };
  return random.pick<() => Way>([
    () => ({ ...none, argv: ["--url", url] }),
    () => ({ ...none, env: { DATABASE_URL: url } }),
    () => ({ ...none, argv: ["--env", "MY_URL"], env: { MY_URL: url } }),
    () => ({ ...none, env: { DATABASE_URL: bare, PGPASSWORD: secret } }),
    () => ({ ...none, argv: [`-u=${bare}?password=${encodeURIComponent(secret)}`] }),
    () => ({ ...none, files: { ".env": `DATABASE_URL='${encoded.replaceAll("'", "%27")}'\n` } }),
    () => ({ ...none, files: { "pgmate.toml": `url = ${JSON.stringify(encoded)}\n` } }),
    () => ({
      ...none,
      env: { DATABASE_URL: bare },
      files: { ".pgpass": `${host}:${port}:*:${role}:${passfileField(secret)}\n` },
    }),
    () => ({
      ...none, argv: ["--url", "postgres://?service=s"], files: { ".pg_service.conf": service },
    }),
  ])();
}

/** What the ledger and the journal hold, as text. */
async function tables(database: FreshDatabase): Promise<string> {
  const texts = ["schema_migrations", "schema_migrations_progress"].map((table) =>
    database.query(`select t::text as text from ${table} t`)
      .then((rows) => JSON.stringify(rows), () => ""));
  return (await Promise.all(texts)).join("\n");
}
