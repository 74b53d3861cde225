/** Proves that pgmate does what dbmate does, and where it does not, that both do as is said. */
import { beforeAll, describe, expect, test } from "bun:test";
import postgres from "postgres";
import {
  applies, type Case, down, type Expected, expectedOf, files, isPair, lists, nothing, rollsBack,
  table, type Tool, tools, up,
} from "./testing/dbmate-case.ts";
import { allCases, cases } from "./testing/dbmate-cases.ts";
import { type DifferenceId, differences } from "./testing/dbmate-differences.ts";
import { faults, observe, readable } from "./testing/dbmate-observe.ts";
import {
  dbmate, pgmate, type ProgramResult, type ProjectFiles, type TemporaryProject, temporaryProject,
} from "./testing/program.ts";
import { type FreshDatabase, server, type TestServer } from "./testing/servers.ts";

/** Cases wait for each other, so most of their time is waiting. */
const timeoutMs = 240_000;
/** More would not be faster: programs and server share the processors. */
const casesAtOnce = 4;

let host: TestServer;

beforeAll(async () => {
  host = await server(15);
}, timeoutMs);

/** Lets so many in at a time. */
function gate(places: number): <Value>(work: () => Promise<Value>) => Promise<Value> {
  let free = places;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}

const inTurn = gate(casesAtOnce);

async function compare(one: Case): Promise<void> {
  const found = await inTurn(async () => {
    const [theirs, ours] = await Promise.all([
      observe("dbmate", one, host),
      observe("pgmate", one, host),
    ]);
    return faults(one, { dbmate: theirs, pgmate: ours });
  });
  expect(found).toEqual([]);
}

describe("the same files and commands", () => {
  for (const one of cases) {
    if (one.todo === undefined) test.concurrent(one.title, () => compare(one), timeoutMs);
    else test.todo(`${one.title}: ${one.todo}`, () => compare(one), timeoutMs);
  }
});

/** What the tests of this file show beside the cases. */
const shownBelow: readonly DifferenceId[] = ["one-run-at-a-time", "drop-sessions"];

/** What keeps a case from proving what it says. */
function slips(one: (typeof allCases)[number]): readonly string[] {
  const found: string[] = [];
  const told = one.runs.flatMap(({ status, out }): readonly Expected<unknown>[] => [status, out]);
  const left = "leaves" in one ? one.leaves : undefined;
  const pairs = [...told, one.versions, one.shows?.is, one.made, left].filter((value) => {
    return isPair(value);
  });
  const spoken = one.runs.some(({ err, secret }) => err?.pgmate !== undefined || secret);
  if (pairs.length > 0 && one.because === undefined) found.push("a difference without a reason");
  if (one.because !== undefined && pairs.length === 0 && !spoken) found.push("nothing differs");
  const same = pairs.filter((pair) => {
    return Bun.deepEquals(expectedOf(pair, "dbmate"), expectedOf(pair, "pgmate"));
  });
  if (same.length > 0) found.push("a pair of the same");
  for (const { args, status, err } of one.runs) {
    // Two programs that fail alike may do so for two reasons.
    const mute = tools.filter((tool) => (expectedOf(status, tool) ?? 0) > 1 && !err?.[tool]);
    found.push(...mute.map((tool) => `does not say why ${tool} fails at ${args.join(" ")}`));
  }
  return found;
}

describe("the table of differences", () => {
  test("each is shown by a case that runs", () => {
    const shown = new Set<string>(shownBelow);
    for (const { because = [], todo } of allCases) {
      if (todo === undefined) for (const id of because) shown.add(id);
    }
    expect(differences.map(({ id }) => id).filter((id) => !shown.has(id))).toEqual([]);
    expect(new Set(differences.map(({ id }) => id)).size).toBe(differences.length);
  });

  test("can be printed as a table", () => {
    for (const entry of differences) {
      for (const text of Object.values(entry)) expect(text).not.toMatch(/[|\n]|^$/);
    }
  });

  test("speaks of the dbmate that is compared with", async () => {
    await using project = await temporaryProject();
    const { stdout } = await dbmate(["--version"], { cwd: project.folder });
    expect(stdout).toBe("dbmate version 2.36.0\n");
  });

  test("and the cases fit together", () => {
    const found = allCases.flatMap((one) => slips(one).map((slip) => `${one.title}: ${slip}`));
    expect(found).toEqual([]);
    expect(new Set(allCases.map(({ title }) => title)).size).toBe(allCases.length);
  });
});

/** A project and a database that both programs work on in turn. */
interface Shared extends AsyncDisposable {
  readonly project: TemporaryProject;
  readonly database: FreshDatabase;
  /** Runs it, expects success, and returns the lines of stdout. */
  run(tool: Tool, ...args: readonly string[]): Promise<readonly string[]>;
  attempt(tool: Tool, ...args: readonly string[]): Promise<ProgramResult>;
  /** What `status` prints, which must be the same of both. */
  status(...flags: readonly string[]): Promise<readonly string[]>;
}

async function shared(migrations: ProjectFiles): Promise<Shared> {
  const project = await temporaryProject({ files: inFolder(migrations) });
  const database = await host.freshDatabase();
  const url = `${database.url}?sslmode=disable`;
  const env = { DATABASE_URL: url, DBMATE_NO_DUMP_SCHEMA: "true" };
  const attempt: Shared["attempt"] = (tool, ...args) => {
    return (tool === "dbmate" ? dbmate : pgmate)(args, { cwd: project.folder, env });
  };
  const run: Shared["run"] = async (tool, ...args) => {
    const result = await attempt(tool, ...args);
    expect(result).toMatchObject({ status: 0 });
    return readable(result, database.name).out;
  };
  return {
    project,
    database,
    run,
    attempt,
    async status(...flags) {
      const [theirs, ours] = await Promise.all(tools.map((tool) => run(tool, ...flags, "status")));
      expect(ours).toEqual(theirs ?? []);
      return ours ?? [];
    },
    async [Symbol.asyncDispose]() {
      await project[Symbol.asyncDispose]();
      host.releaseDatabase(database.name);
    },
  };
}

function inFolder(migrations: ProjectFiles): ProjectFiles {
  return Object.fromEntries(Object.entries(migrations).map(([name, text]) => {
    return [`db/migrations/${name}`, text];
  }));
}

const three = { "1_a.sql": table("a"), "2_b.sql": table("b"), "3_c.sql": table("c") };

/** When and by whom, as far as the ledger knows. */
const knownSql = "select version, applied_at is not null as timed, applied_by, "
  + "coalesce(applied_at between now() - interval '10 minutes' and now(), true) as lately "
  + "from schema_migrations order by version";

describe.concurrent("one ledger for both", () => {
  test("dbmate's is continued by pgmate, and pgmate's by dbmate", async () => {
    await using it = await shared(three);
    expect(await it.run("dbmate", "up")).toEqual(applies("1_a.sql", "2_b.sql", "3_c.sql"));
    expect(await it.run("dbmate", "rollback")).toEqual(rollsBack("3_c.sql"));

    expect(await it.status()).toEqual(lists("+1_a.sql", "+2_b.sql", "-3_c.sql"));
    const columns = "select count(*)::int as n from information_schema.columns "
      + "where table_name = 'schema_migrations'";
    expect(await it.database.query(columns)).toEqual([{ n: 1 }]);
    expect(await it.run("pgmate", "up")).toEqual(applies("3_c.sql"));
    expect(await it.database.query(knownSql)).toEqual([
      { version: "1", timed: false, applied_by: null, lately: true },
      { version: "2", timed: false, applied_by: null, lately: true },
      { version: "3", timed: true, applied_by: "postgres", lately: true },
    ]);
    const long = await it.run("pgmate", "status", "--long");
    expect(long.slice(0, 3).map((line) => line.includes("time unknown"))).toEqual([
      true, true, false,
    ]);

    await it.project.write(inFolder({ "4_d.sql": table("d") }));
    expect(await it.status()).toEqual(lists("+1_a.sql", "+2_b.sql", "+3_c.sql", "-4_d.sql"));
    expect(await it.run("dbmate", "up", "--strict")).toEqual(applies("4_d.sql"));
    expect((await it.database.query(knownSql)).at(3)).toEqual(
      { version: "4", timed: true, applied_by: "postgres", lately: true },
    );
    expect(await it.status()).toEqual(lists("+1_a.sql", "+2_b.sql", "+3_c.sql", "+4_d.sql"));

    expect(await it.run("pgmate", "rollback")).toEqual(rollsBack("4_d.sql"));
    expect(await it.run("dbmate", "rollback")).toEqual(rollsBack("3_c.sql"));
    // Of the two whose time nobody knows the one with the later name goes first.
    expect(await it.run("pgmate", "rollback")).toEqual(rollsBack("2_b.sql"));
    expect(await it.run("dbmate", "rollback")).toEqual(rollsBack("1_a.sql"));
    expect(await it.status()).toEqual(lists("-1_a.sql", "-2_b.sql", "-3_c.sql", "-4_d.sql"));
    expect(await it.run("dbmate", "up")).toEqual(applies(...Object.keys(three), "4_d.sql"));
  }, timeoutMs);

  test("pgmate's is used by dbmate from the start", async () => {
    await using it = await shared({ "1_a.sql": table("a"), "3_c.sql": table("c") });
    expect(await it.run("pgmate", "up")).toEqual(applies("1_a.sql", "3_c.sql"));
    expect(await it.status()).toEqual(lists("+1_a.sql", "+3_c.sql"));
    expect(await it.run("dbmate", "up")).toEqual([]);
    expect(await it.run("dbmate", "rollback")).toEqual(rollsBack("3_c.sql"));
    expect(await it.run("dbmate", "up")).toEqual(applies("3_c.sql"));

    // What dbmate applied last is what pgmate takes back first, whatever its name.
    await it.project.write(inFolder({ "2_b.sql": table("b") }));
    expect(await it.run("dbmate", "up")).toEqual(applies("2_b.sql"));
    expect(await it.status()).toEqual(lists("+1_a.sql", "+2_b.sql", "+3_c.sql"));
    expect(await it.run("pgmate", "rollback")).toEqual(rollsBack("2_b.sql"));
    expect(await it.run("pgmate", "rollback", "--all")).toEqual(rollsBack("3_c.sql", "1_a.sql"));
    expect(await it.run("dbmate", "migrate")).toEqual(applies("1_a.sql", "2_b.sql", "3_c.sql"));
  }, timeoutMs);

  test.each([
    ["app", "app"],
    ["camelFoo", "camelFoo"],
    ['"Foo Bar",public', '"Foo Bar"'],
    ["$user,public", "$user"],
  ])("dbmate's is found where the search path %s put it", async (path, schema) => {
    await using it = await shared(files("1_a.sql", "2_b.sql"));
    const url = `${it.database.url}?sslmode=disable&search_path=${encodeURIComponent(path)}`;
    await it.run("dbmate", "-u", url, "up");
    await it.project.write(inFolder(files("3_c.sql")));
    expect(await it.status("-u", url)).toEqual(lists("+1_a.sql", "+2_b.sql", "-3_c.sql"));
    expect(await it.run("pgmate", "-u", url, "up")).toEqual(applies("3_c.sql"));
    expect(await it.status("-u", url)).toEqual(lists("+1_a.sql", "+2_b.sql", "+3_c.sql"));
    const where = "select schemaname from pg_tables where tablename = 'schema_migrations'";
    expect(await it.database.query(where)).toEqual([{ schemaname: schema }]);
  }, timeoutMs);

  test("dbmate's is used as it is where it may not be changed", async () => {
    await using it = await shared({ "1_a.sql": nothing, "2_b.sql": nothing });
    await it.run("dbmate", "up");
    await it.database.query("create role keeper login password 'x';"
      + "grant select, insert, delete on schema_migrations to keeper");
    const { port, host: name } = host;
    const url = `postgres://keeper:x@${name}:${port}/${it.database.name}?sslmode=disable`;
    await it.project.write(inFolder({ "3_c.sql": nothing }));
    const result = await it.attempt("pgmate", "-u", url, "up");
    expect(result).toMatchObject({ status: 0 });
    expect(result.stderr).toContain("stays without description, checksum");
    expect(await it.status()).toEqual(lists("+1_a.sql", "+2_b.sql", "+3_c.sql"));
    expect(await it.database.query("select * from schema_migrations order by 1")).toEqual([
      { version: "1" }, { version: "2" }, { version: "3" },
    ]);
  }, timeoutMs);

  test("dbmate's is not changed where it is published", async () => {
    await using it = await shared({ "1_a.sql": nothing });
    await it.run("dbmate", "up");
    await it.database.query("create publication everything for all tables");
    await it.project.write(inFolder({ "2_b.sql": nothing }));
    const result = await it.attempt("pgmate", "up");
    expect(result).toMatchObject({ status: 0 });
    expect(result.stderr).toContain("is in a publication");
    expect(await it.database.query("select * from schema_migrations order by 1")).toEqual([
      { version: "1" }, { version: "2" },
    ]);
  }, timeoutMs);
});

test.each(tools)("%s dates new files in UTC", async (tool) => {
  await using project = await temporaryProject();
  const program = tool === "dbmate" ? dbmate : pgmate;
  const env = { TZ: "Pacific/Auckland" };
  const { stdout } = await program(["new", "x"], { cwd: project.folder, env });
  const [, digits = ""] = /([0-9]{14})_x\.sql$/m.exec(stdout) ?? [];
  const date = digits.replace(/(....)(..)(..)(..)(..)(..)/, "$1-$2-$3T$4:$5:$6Z");
  expect(Math.abs(Date.now() - Date.parse(date))).toBeLessThan(60_000);
});

describe.concurrent("at the same time", () => {
  // Long enough for all of them to start, on a slow machine too.
  const slow = { "1_a.sql": `${up}select pg_sleep(2);\ncreate table a ();\n${down}` };

  async function fourAtOnce(tool: Tool): Promise<readonly ProgramResult[]> {
    await using it = await shared(slow);
    const results = await Promise.all([1, 2, 3, 4].map(() => it.attempt(tool, "up")));
    expect(await it.status()).toEqual(lists("+1_a.sql"));
    return results;
  }

  test("of dbmate's runs some fail", async () => {
    const statuses = (await fourAtOnce("dbmate")).map(({ status }) => status).toSorted();
    expect(statuses.at(0)).toBe(0);
    expect(statuses.at(-1)).toBe(2);
  }, timeoutMs);

  test("pgmate's runs wait, and one of them does the work", async () => {
    const results = await fourAtOnce("pgmate");
    expect(results.map(({ status }) => status)).toEqual([0, 0, 0, 0]);
    const applied = results.filter(({ stdout }) => stdout.includes("Applied: 1_a.sql"));
    expect(applied).toHaveLength(1);
    expect(results.filter(({ stdout }) => stdout === "")).toHaveLength(3);
  }, timeoutMs);

  test("nobody drops a database that somebody is in, but pgmate names the way", async () => {
    await using it = await shared({});
    const guest = postgres(it.database.url, { max: 1, onnotice: () => undefined });
    await guest`select 1`;
    const [theirs, ours] = await Promise.all(tools.map((tool) => it.attempt(tool, "drop")));
    for (const result of [theirs, ours]) {
      expect(result).toMatchObject({ status: 2, stdout: `Dropping: ${it.database.name}\n` });
      expect(result?.stderr).toContain("is being accessed by other users");
    }
    expect(ours?.stderr).toContain("pgmate drop --force");
    expect(await it.run("pgmate", "drop", "--force")).toEqual(["Dropping: {database}"]);
    await guest.end();
  }, timeoutMs);
});
