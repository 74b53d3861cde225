/** Makes the schema of every kind everywhere, and holds the recorded dumps against pg_dump. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import postgres from "postgres";
import { openEmbedded } from "../pg/embedded.ts";
import {
  everyKindRoles, everyKindRolesSql, everyKindSql, everyKindSqlEmbedded, nativeDumps,
} from "./every-kind.ts";
import { oracle, testWithOracle } from "./oracles.ts";
import { server, serverVersions, startServer, type TestServer } from "./servers.ts";

setDefaultTimeout(120_000);

const dumps = nativeDumps();

const kinds = [
  "ACCESS METHOD", "AGGREGATE", "CAST", "CHECK CONSTRAINT", "COLLATION", "COMMENT", "CONSTRAINT",
  "CONVERSION", "DEFAULT", "DOMAIN", "EVENT TRIGGER", "EXTENSION", "FK CONSTRAINT",
  "FOREIGN DATA WRAPPER", "FOREIGN TABLE", "FUNCTION", "INDEX", "INDEX ATTACH",
  "MATERIALIZED VIEW", "OPERATOR", "OPERATOR CLASS", "OPERATOR FAMILY", "POLICY",
  "PROCEDURAL LANGUAGE", "PROCEDURE", "PUBLICATION", "PUBLICATION TABLE",
  "PUBLICATION TABLES IN SCHEMA", "ROW SECURITY", "RULE", "SCHEMA", "SEQUENCE",
  "SEQUENCE OWNED BY", "SERVER", "SHELL TYPE", "STATISTICS", "SUBSCRIPTION", "TABLE",
  "TABLE ATTACH", "TEXT SEARCH CONFIGURATION", "TEXT SEARCH DICTIONARY", "TEXT SEARCH PARSER",
  "TEXT SEARCH TEMPLATE", "TRANSFORM", "TRIGGER", "TYPE", "USER MAPPING", "VIEW",
];

interface Ran {
  readonly status: number;
  readonly output: string;
  readonly errors: string;
}

async function run(command: readonly string[], at: TestServer, input = ""): Promise<Ran> {
  const child = Bun.spawn([...command], {
    stdin: new TextEncoder().encode(input),
    stdout: "pipe",
    stderr: "pipe",
    env: {
      PATH: process.env["PATH"] ?? "",
      PGHOST: at.socketFolder,
      PGPORT: String(at.port),
      PGUSER: at.user,
      PGTZ: "UTC",
    },
  });
  const [output, errors, status] = await Promise.all([
    new Response(child.stdout).text(), new Response(child.stderr).text(), child.exited,
  ]);
  return { status, output, errors };
}

/** What no two runs, or no two minor versions, have in common. */
function withoutHeader(dump: string): string {
  const lines = [
    /^\\restrict [A-Za-z0-9]{63}\n\n/m, /^\\unrestrict [A-Za-z0-9]{63}\n\n/m,
    /^-- Dumped from database version .*\n-- Dumped by pg_dump version .*\n\n/m,
  ];
  return lines.reduce((text, line) => text.replace(line, ""), dump);
}

describe("the schema can be made", () => {
  test.each(serverVersions)("on %d, as one simple query", async (version) => {
    const database = await (await server(version)).freshDatabase();
    await database.query(everyKindSql(version));
    const rows = await database.query("select count(*)::int as n from public.schema_migrations");
    expect(rows).toEqual([{ n: 3 }]);
  });

  for (const version of serverVersions) {
    testWithOracle("psql", `on ${version}, statement by statement`, async (psql) => {
      const at = await server(version);
      const { name } = await at.freshDatabase();
      const command = [psql, "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", name];
      const made = await run(command, at, everyKindSql(version));
      expect(made.errors).not.toContain("ERROR");
      expect(made.status).toBe(0);
    }, 120_000);
  }

  test("in two databases at once, where the roles are missing and where they are not", async () => {
    const at = await startServer({ version: 16 });
    try {
      const made = await Promise.all([at.freshDatabase(), at.freshDatabase()]);
      await Promise.all(made.map((database) => database.query(everyKindSql(16))));
      await Promise.all(made.map((database) => database.query(everyKindRolesSql())));
      const found = "select rolname from pg_roles where rolname ~ '^pgmate_kind_' order by 1";
      const rows = await at.query("postgres", found);
      expect(rows).toEqual(everyKindRoles.map((rolname) => ({ rolname })));
    } finally {
      await at.stop();
    }
  });

  test("on the embedded Postgres, but for what it lacks", async () => {
    const sql = everyKindSqlEmbedded();
    for (const lacking of [/postgres_fdw/, /^create subscription/m, /^-- .*server only/m]) {
      expect(everyKindSql(18)).toMatch(lacking);
      expect(sql.slice(sql.indexOf("create schema"))).not.toMatch(lacking);
    }
    const embedded = await openEmbedded({ storage: { kind: "memory" }, settings: {} });
    const client = postgres({
      user: "postgres",
      max: 1,
      ssl: false,
      fetch_types: false,
      onnotice: () => undefined,
      socket: async () => embedded.socket(),
    } as postgres.Options<Record<string, never>>);
    await client.unsafe(sql).simple();
    const [row] = await client`select count(*)::int as n from pg_class where relkind = 'f'`;
    expect(row?.["n"]).toBe(3);
    await client.end();
    await embedded.close();
  });
});

describe("the recorded dumps", () => {
  test("are of every server, by pg_dump 18 and, but for 16, by the server's own", () => {
    const versions = dumps.map((dump) => `${dump.server} by ${dump.pgDump.split(".")[0]}`);
    expect(versions).toEqual([
      "15 by 15", "15 by 18", "16 by 17", "16 by 18", "17 by 17", "17 by 18", "18 by 18",
    ]);
    for (const { server: major, pgDump, text } of dumps) {
      expect(text).toContain(`\n-- Dumped from database version ${major}.`);
      expect(text).toContain(`\n-- Dumped by pg_dump version ${pgDump} `);
    }
  });

  const named = dumps.map((dump) => [`${dump.server} by ${dump.pgDump}`, dump.text] as const);

  test.each(named)("hold every kind: %s", (_name, text) => {
    const found = [...text.matchAll(/^-- Name: .*; Type: ([A-Z ]+); Schema: .*; Owner: -$/gm)];
    expect([...new Set(found.map(([, kind]) => kind))].toSorted()).toEqual(kinds);
    expect(kinds.length).toBeGreaterThanOrEqual(40);
  });

  test.each(named)("hold what is hard to keep: %s", (_name, text) => {
    const lines = text.split("\n");
    expect(Math.max(...lines.map((line) => line.length))).toBeGreaterThan(0x1_00_00);
    for (const line of [
      "\\restrict x", "\\unrestrict x", "\\.", "\r", "begin  \t \r", "CREATE SCHEMA public;", "\t",
      "-- Name: x; Type: TABLE; Schema: y; Owner: -", "a line with blanks before CR and LF   \r",
    ]) expect(lines).toContain(line);
    expect(lines.filter((line) => line === "SET transaction_timeout = 0;").length)
      .toBeGreaterThanOrEqual(3);
  });

  test.each(named)("say nothing of owners and privileges: %s", (_name, text) => {
    expect(text).not.toMatch(/^(?:grant|revoke|alter default)\b|\bowner to\b/im);
  });
});

describe("an installed pg_dump says what was recorded", () => {
  const installed = oracle("pg_dump");
  const version = installed === undefined
    ? "" : /\d+/.exec(Bun.spawnSync([installed, "--version"]).stdout.toString())?.[0];
  const comparable = dumps.filter((dump) => dump.pgDump.split(".")[0] === version);
  for (const recorded of comparable.length === 0 ? dumps.slice(-1) : comparable) {
    testWithOracle("pg_dump", `of server ${recorded.server}`, async (program) => {
      if (comparable.length === 0) {
        process.stderr.write(`nothing recorded of pg_dump ${version}: nothing was compared\n`);
        return;
      }
      const at = await server(recorded.server);
      const database = await at.freshDatabase();
      await database.query(everyKindSql(recorded.server));
      const dumped = await run([
        program, "--format=plain", "--encoding=UTF8", "--schema-only", "--no-privileges",
        "--no-owner", "--dbname", database.name,
      ], at);
      expect(dumped.errors).toBe("");
      expect(withoutHeader(dumped.output)).toBe(withoutHeader(recorded.text));
    }, 120_000);
  }
});
