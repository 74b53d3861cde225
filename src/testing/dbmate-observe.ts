/** Runs a case with dbmate or pgmate, and says where the two are not as the case has it. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Catalog, catalog } from "./catalog.ts";
import {
  type Case, expectedOf, isPair, type PerTool, type Run, type Tool, tools, type Versions,
} from "./dbmate-case.ts";
import {
  dbmate, pgmate, type ProgramResult, type TemporaryProject, temporaryProject,
} from "./program.ts";
import type { TestServer } from "./servers.ts";

/** What one program did, and what state things were in afterwards. */
export interface RunSeen {
  readonly status: number;
  readonly out: readonly string[];
  readonly err: string;
  /** Undefined where nobody looked: after commands that only read, but for the last. */
  readonly state: DatabaseState | undefined;
  /** The project's files with their contents. */
  readonly files: readonly string[];
}

interface DatabaseState {
  readonly versions: Versions;
  readonly catalog: Catalog | undefined;
}

/** What one program did with a case. */
export interface Seen {
  readonly runs: readonly RunSeen[];
  readonly shown: unknown;
  /** The names of files in `db/migrations` at the end. */
  readonly made: readonly string[];
  /** The password, as it is and as it stands in a URL. */
  readonly secrets: readonly string[];
}

interface Stage {
  readonly tool: Tool;
  readonly server: TestServer;
  readonly database: string;
  readonly project: TemporaryProject;
  readonly ledger: string;
}

/** Commands after which the database is looked at. */
const writers: ReadonlySet<string> = new Set([
  "up", "migrate", "rollback", "down", "create", "drop",
]);

let absent = 0;

/** Runs the case with one of the programs, in a project and a database of its own. */
export async function observe(tool: Tool, one: Case, server: TestServer): Promise<Seen> {
  const database = await databaseFor(one, server);
  try {
    return await observeIn({ tool, one, server, database });
  } finally {
    server.releaseDatabase(database);
  }
}

async function databaseFor(one: Case, server: TestServer): Promise<string> {
  if (one.database !== "missing") return (await server.freshDatabase()).name;
  absent += 1;
  return `absent_${absent}`;
}

interface Request {
  readonly tool: Tool;
  readonly one: Case;
  readonly server: TestServer;
  readonly database: string;
}

async function observeIn({ tool, one, server, database }: Request): Promise<Seen> {
  const place = { server, database };
  const files = Object.entries(one.files ?? {}).map(([path, text]) => {
    return [path, withPlaces(text, place)] as const;
  });
  const migrations = Object.entries(one.migrations ?? {}).map(([name, content]) => {
    return [`db/migrations/${name}`, content] as const;
  });
  await using project = await temporaryProject({
    files: Object.fromEntries([...files, ...migrations]),
    ...(one.links === undefined ? {} : { links: one.links }),
  });
  const stage = { tool, server, database, project, ledger: one.ledger ?? "schema_migrations" };
  const runs: RunSeen[] = [];
  for (const run of one.runs) {
    const told = await runOnce(stage, run);
    const looks = run === one.runs.at(-1) || run.args.some((word) => writers.has(word));
    const state = looks ? await stateOf(stage) : undefined;
    runs.push({ ...told, state, files: filesIn(stage) });
  }
  const rows = one.shows === undefined ? [] : await server.query(database, one.shows.sql);
  return {
    runs,
    shown: Object.values(rows[0] ?? {})[0],
    made: readdirSync(join(project.folder, "db/migrations")).map(withoutNow).toSorted(),
    secrets: [server.password, encodeURIComponent(server.password)],
  };
}

type Told = Pick<RunSeen, "status" | "out" | "err">;

async function runOnce(stage: Stage, run: Run): Promise<Told> {
  const { tool, project, server, database } = stage;
  const place = (text: string): string => withPlaces(text, { server, database });
  await project.write(run.write ?? {});
  for (const path of run.remove ?? []) await project.remove(path);
  if (run.sql !== undefined) await server.query(database, place(run.sql));
  const env = { DATABASE_URL: "{url}", DBMATE_NO_DUMP_SCHEMA: "true", ...run.env };
  const program = tool === "dbmate" ? dbmate : pgmate;
  const result = await program(run.args.map(place), {
    cwd: project.folder,
    env: Object.fromEntries(Object.entries(env).flatMap(([name, value]) => {
      return value === undefined ? [] : [[name, place(value)]];
    })),
  });
  return readable(result, database);
}

async function stateOf({ server, database, ledger }: Stage): Promise<DatabaseState> {
  const found = await catalog(server, database, ledger);
  const versions = found === undefined ? "no database" : found.versions ?? "no table";
  return { versions, catalog: found };
}

/** Without what is different each time: names of databases, times, the text of help. */
export function readable({ status, stdout, stderr }: ProgramResult, database: string): Told {
  const plain = (text: string): string => text.replaceAll(database, "{database}");
  const lines = plain(stdout).replace(/\n$/, "").split("\n").map((line) => {
    return line
      .replace(/^Creating migration: .*/, withoutNow)
      .replace(/^((?:Applied|Rolled back): .* in )(?:[0-9.]+(?:h|m|s|ms|µs|ns))+$/, "$1T")
      .replace(/^(Waiting for database)\.+$/, "$1...")
      .replace(/^(?:dbmate|pgmate) (version) [0-9.]+$/, "{program} $1 {number}");
  });
  const isHelp = lines.some((line) => /^usage:/i.test(line));
  const out = stdout === "" ? [] : isHelp ? ["(help)"] : lines;
  return { status, out, err: plain(stderr) };
}

function withoutNow(text: string): string {
  return text.replace(/\b20[0-9]{12}_/, "{now}_");
}

function filesIn({ project, database }: Stage): readonly string[] {
  const { folder } = project;
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true, encoding: "utf8" });
  return entries.filter((entry) => entry.isFile()).map((entry) => {
    const path = join(entry.parentPath, entry.name);
    const text = readFileSync(path, "latin1").replaceAll(database, "{database}");
    return `${withoutNow(path.slice(folder.length + 1))}: ${JSON.stringify(text)}`;
  }).toSorted();
}

function withPlaces(
  text: string,
  { server, database }: Pick<Stage, "server" | "database">,
): string {
  return text
    .replaceAll("{url}", server.url(database, { sslmode: "disable" }))
    .replaceAll("{login}", `${server.user}:${encodeURIComponent(server.password)}`)
    .replaceAll("{user}", server.user)
    .replaceAll("{password}", server.password)
    .replaceAll("{host}", server.host)
    .replaceAll("{port}", String(server.port))
    .replaceAll("{socket}", server.socketFolder)
    .replaceAll("{socketInHost}", encodeURIComponent(server.socketFolder))
    .replaceAll("{database}", database);
}

/** What is not as the case says, in words; empty when all is well. */
export function faults(one: Case, seen: PerTool<Seen>): readonly string[] {
  const found: string[] = [];
  const check = (what: string, actual: unknown, expected: unknown): void => {
    if (Bun.deepEquals(actual, expected)) return;
    found.push(`${what}: ${JSON.stringify(actual)}, not ${JSON.stringify(expected)}`);
  };
  for (const [index, run] of one.runs.entries()) {
    const here = `run ${index + 1} (${run.args.join(" ")})`;
    const [theirs, ours] = [seen.dbmate.runs[index], seen.pgmate.runs[index]];
    if (theirs === undefined || ours === undefined) continue;
    for (const tool of tools) {
      const actual = tool === "dbmate" ? theirs : ours;
      check(`${here}: status of ${tool}`, actual.status, expectedOf(run.status, tool));
      const out = expectedOf(run.out, tool);
      if (out !== undefined) check(`${here}: stdout of ${tool}`, actual.out, out);
      found.push(...errFaults({ run, tool, here }, actual.err));
    }
    const alike = (what: string, pick: (of: RunSeen) => unknown): void => {
      check(`${here}: ${what} of pgmate, then of dbmate`, pick(ours), pick(theirs));
    };
    if (run.out === undefined) alike("stdout", ({ out }) => out);
    if (!isPair(one.versions)) {
      alike("versions", ({ state }) => state?.versions);
      if (!isPair(one.shows?.is)) alike("the ledger", ({ state }) => state?.catalog?.ledger);
    }
    const there = [theirs, ours].every(({ state }) => state?.catalog !== undefined);
    if (there && !isPair(one.shows?.is)) alike("objects", ({ state }) => state?.catalog?.objects);
    if (!isPair(one.made)) alike("files", ({ files }) => files);
    found.push(...leaks(run, here, { theirs, ours, secrets: seen.pgmate.secrets }));
  }
  for (const tool of tools) {
    const { runs, shown, made } = seen[tool];
    check(`versions of ${tool}`, runs.at(-1)?.state?.versions, expectedOf(one.versions, tool));
    if (one.shows !== undefined) check(`${tool} shows`, shown, expectedOf(one.shows.is, tool));
    if (one.made !== undefined) check(`files of ${tool}`, made, expectedOf(one.made, tool));
  }
  return found;
}

interface ErrPlace {
  readonly run: Run;
  readonly tool: Tool;
  readonly here: string;
}

function errFaults({ run, tool, here }: ErrPlace, err: string): readonly string[] {
  const part = run.err?.[tool];
  if (part !== undefined && part !== "") {
    return err.includes(part) ? [] : [`${here}: stderr of ${tool} lacks ${part}: ${err}`];
  }
  const rest = tool === "pgmate" ? err.replace(/^(?:Target|Loaded): .*\n/gm, "") : err;
  if (rest === "" || expectedOf(run.status, tool) !== 0) return [];
  return [`${here}: stderr of ${tool} should be empty: ${err}`];
}

interface Shown {
  readonly theirs: RunSeen;
  readonly ours: RunSeen;
  readonly secrets: readonly string[];
}

function leaks(run: Run, here: string, { theirs, ours, secrets }: Shown): readonly string[] {
  const [own, other] = [ours, theirs].map(({ out, err }) => out.join("\n") + err);
  const found = [...secrets, ...(run.secret === undefined ? [] : [run.secret])]
    .filter((secret) => own?.includes(secret) === true)
    .map((secret) => `${here}: pgmate shows the secret ${secret}`);
  if (run.secret !== undefined && other?.includes(run.secret) !== true) {
    found.push(`${here}: dbmate does not show ${run.secret}`);
  }
  return found;
}
