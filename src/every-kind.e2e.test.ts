/** Every kind of object, dumped, loaded and dumped again, and held against native pg_dump. */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  everyKindRolesSql, everyKindSql, type NativeDump, nativeDumps,
} from "./testing/every-kind.ts";
import { testWithOracle } from "./testing/oracles.ts";
import {
  type FreshDatabase, type ServerVersion, server, serverVersions,
} from "./testing/servers.ts";
import { trial } from "./testing/trial.ts";

const alone = { PATH: "/nonexistent" };

interface LineRule {
  readonly why: string;
  readonly applies: (native: NativeDump) => boolean;
  readonly from: RegExp;
  readonly to: string;
}

/** All that a native dump has and pgmate's has not, or has otherwise; nothing else may differ. */
const rules: readonly LineRule[] = [
  {
    why: "the header: versions and a random key",
    applies: () => true,
    from: new RegExp(
      "^--\n-- PostgreSQL database dump\n--\n\n\\\\restrict \\w+\n\n" +
        "-- Dumped from database version [^\n]+\n-- Dumped by pg_dump version [^\n]+\n\n",
    ),
    to: "",
  },
  {
    why: "the end of what the random key restricts",
    applies: () => true,
    from: /\n\\unrestrict \w+\n\n$/,
    to: "\n",
  },
  {
    why: "a setting that servers before 17 do not know",
    applies: ({ server, pgDump }) => server < 17 && majorOf(pgDump) >= 17,
    from: /^SET transaction_timeout = 0;\n/m,
    to: "",
  },
  {
    why: "an option of subscriptions that servers before 16 do not know",
    applies: ({ server, pgDump }) => server < 16 && majorOf(pgDump) >= 16,
    from: /, run_as_owner = true(?=.*\);$)/gm,
    to: "",
  },
  {
    why: "pg_dump 18 says ONLY where others have it go without saying",
    applies: ({ pgDump }) => majorOf(pgDump) < 16,
    from: /^ALTER FOREIGN TABLE (?!ONLY)(?=.* OPTIONS \($)/gm,
    to: "ALTER FOREIGN TABLE ONLY ",
  },
  {
    why: "the blank line behind what something depends on stands in front of it since 16",
    applies: ({ pgDump }) => majorOf(pgDump) < 16,
    from: /\n((?:ALTER (?:FUNCTION|INDEX|TRIGGER) .* DEPENDS ON EXTENSION .*;\n)+)\n/g,
    to: "\n\n$1",
  },
  {
    why: "and with it the line end that ended it is lost where more follows",
    applies: ({ pgDump }) => majorOf(pgDump) < 16,
    from: /\n(ALTER MATERIALIZED VIEW .* DEPENDS ON EXTENSION .*;)\n(?=ALTER TABLE )/g,
    to: "\n\n$1",
  },
  {
    why: "18's default for subscriptions is another, so that pg_dump 18 always says which",
    applies: ({ pgDump }) => majorOf(pgDump) < 18,
    from: /^(CREATE SUBSCRIPTION (?!.* streaming = ).* slot_name = (?:NONE|'\w+'))/gm,
    to: "$1, streaming = off",
  },
];

function majorOf(version: string): number {
  return Number.parseInt(version, 10);
}

function asPgmateWrites(native: NativeDump): string {
  return rules.filter(({ applies }) => applies(native))
    .reduce((text, { from, to }) => text.replace(from, to), native.text);
}

/** Without dbmate's block, which is no part of what pg_dump writes. */
function withoutVersions(text: string): string {
  return text.slice(0, text.lastIndexOf("\n--\n-- Dbmate schema migrations\n"));
}

/** Where two long texts part, in lines; empty where they are the same. */
function firstDifference(left: string, right: string): readonly string[] {
  if (left === right) return [];
  const [ours, theirs] = [left.split("\n"), right.split("\n")];
  const at = ours.findIndex((line, index) => line !== theirs[index]);
  return [`line ${at + 1}`, ...ours.slice(at, at + 3), "or", ...theirs.slice(at, at + 3)];
}

/** Databases with subscriptions cannot be dropped, which the end of the server does. */
async function everyKind(version: ServerVersion): Promise<FreshDatabase> {
  const database = await (await server(version)).freshDatabase();
  await database.query(everyKindSql(version));
  return database;
}

const made = new Map<ServerVersion, Promise<FreshDatabase>>();

function everyKindOf(version: ServerVersion): Promise<FreshDatabase> {
  const database = made.get(version) ?? everyKind(version);
  made.set(version, database);
  return database;
}

describe.each(serverVersions.map((version) => [version] as const))("PostgreSQL %d", (version) => {
  test("dump, load and dump: nothing has changed", async () => {
    const source = await everyKindOf(version);
    await using at = await trial(await server(version));
    const path = join(at.project.folder, "db/schema.sql");
    const dumped = await at.pgmate(["dump"], { ...alone, DATABASE_URL: source.url });
    expect([dumped.status, dumped.stderr]).toEqual([0, ""]);
    const loaded = await at.pgmate(["load"], alone);
    expect([loaded.status, loaded.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
    const again = await at.pgmate(["dump", "--stdout"], alone);
    expect(firstDifference(again.stdout, readFileSync(path, "utf8"))).toEqual([]);
    const kinds = new Set([...again.stdout.matchAll(/^-- Name: .*; Type: ([A-Z ]+); Schema/gm)]
      .map(([, kind]) => kind));
    expect(kinds.size).toBeGreaterThanOrEqual(40);
  });

  test("bodies, comments and literals come back byte for byte", async () => {
    const source = await everyKindOf(version);
    await using at = await trial(await server(version));
    await at.pgmate(["dump"], { ...alone, DATABASE_URL: source.url });
    await at.pgmate(["load"], alone);
    const texts = `select string_agg(md5(text), ' ' order by md5(text)), count(*)::int from (
      select prosrc as text from pg_proc where oid >= 16384
      union all select description from pg_description where objoid >= 16384
      union all select pg_get_expr(adbin, adrelid) from pg_attrdef where oid >= 16384
      union all select pg_get_constraintdef(oid) from pg_constraint where oid >= 16384) t`;
    const [theirs] = await source.query(texts);
    const [ours] = await at.query(texts);
    expect(ours).toEqual(theirs);
    expect(ours?.["count"]).toBeGreaterThan(100);
  });

  const natives = nativeDumps().filter((native) => native.server === version);
  test.each(natives.map((native) => [native.pgDump, native] as const))(
    "the text is that of pg_dump %s, but for the lines that are listed",
    async (_, native) => {
      const source = await everyKindOf(version);
      await using at = await trial(await server(version));
      const env = { ...alone, DATABASE_URL: source.url };
      const { stdout } = await at.pgmate(["dump", "--stdout"], env);
      expect(firstDifference(withoutVersions(stdout), asPgmateWrites(native))).toEqual([]);
    },
  );

  // A server 15 refuses what newer pg_dumps say of subscriptions, also from psql.
  const loadable = natives.filter(({ pgDump }) => version > 15 || majorOf(pgDump) <= 15);
  test.each(loadable.map((native) => [native.pgDump, native] as const))(
    "the file of pg_dump %s is loaded, and gives the same dump",
    async (_, native) => {
      const source = await everyKindOf(version);
      await using at = await trial(await server(version));
      await at.project.write({ "db/schema.sql": native.text });
      const loaded = await at.pgmate(["load"], alone);
      expect([loaded.status, loaded.stderr]).toEqual([0, expect.not.stringContaining("Error")]);
      const theirs = await at.pgmate(["dump", "--stdout"], alone);
      const env = { ...alone, DATABASE_URL: source.url };
      const ours = await at.pgmate(["dump", "--stdout"], env);
      expect(firstDifference(withoutVersions(theirs.stdout), withoutVersions(ours.stdout)))
        .toEqual([]);
    },
  );

  testWithOracle("psql", "psql loads the file as well", async (psql) => {
    const source = await everyKindOf(version);
    const it = await server(version);
    await it.query("postgres", everyKindRolesSql());
    await using at = await trial(it);
    await at.pgmate(["dump"], { ...alone, DATABASE_URL: source.url });
    const child = Bun.spawn(
      [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", "db/schema.sql", at.database.name],
      {
        cwd: at.project.folder,
        env: { PGHOST: it.socketFolder, PGPORT: String(it.port), PGUSER: it.user },
        stdio: ["ignore", "ignore", "pipe"],
      },
    );
    const said = await new Response(child.stderr).text();
    expect([await child.exited, said]).toEqual([0, expect.not.stringContaining("ERROR")]);
    const check = await at.pgmate(["dump", "--check"], alone);
    expect([check.status, check.stdout]).toEqual([0, ""]);
  });
});

test("every rule about lines is needed", () => {
  const unused = rules.filter(({ applies, from, to }) => !nativeDumps().some((native) => {
    return applies(native) && native.text.replace(from, to) !== native.text;
  }));
  expect(unused.map(({ why }) => why)).toEqual([]);
});
