// Makes what the contests run in: projects of many small files, databases, a line that is far away.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { resolveBinary } from "dbmate";
import type { TestServer } from "../../src/testing/servers.ts";
import type { Contestant } from "./contest.ts";

const built = join(import.meta.dir, "../../dist/pgmate");
const pgmateBinary = process.env["PGMATE_BINARY"] ?? built;
const dbmateBinary = resolveBinary();

/** A folder with `db/migrations`, removed at the end. */
export class Project {
  readonly folder: string;
  readonly sections: readonly string[];

  private constructor(folder: string, sections: readonly string[]) {
    this.folder = folder;
    this.sections = sections;
  }

  static async make(sections: readonly string[]): Promise<Project> {
    const folder = await mkdtemp(join(tmpdir(), "pgmate-bench-"));
    const migrations = join(folder, "db/migrations");
    await mkdir(migrations, { recursive: true });
    for (const [index, section] of sections.entries()) {
      const text = `-- migrate:up\n${section}\n\n-- migrate:down\n`;
      await writeFile(join(migrations, `${versionOf(index)}_change_${index}.sql`), text);
    }
    return new Project(folder, sections);
  }

  pgmate(url: string, ...args: readonly string[]): Contestant {
    return { command: [pgmateBinary, "--url", url, ...args], cwd: this.folder };
  }

  dbmate(url: string, ...args: readonly string[]): Contestant {
    return { command: [dbmateBinary, "--url", url, ...args], cwd: this.folder };
  }

  /** The same SQL and the same rows, each file in its transaction, all in one script. */
  async psql(it: TestServer, url: string): Promise<Contestant> {
    const script = join(this.folder, "all.sql");
    const create =
      "create table if not exists schema_migrations (version varchar primary key);\n";
    const steps = this.sections.map((section, index) =>
      `begin;\n${section}\n` +
        `insert into schema_migrations values ('${versionOf(index)}');\ncommit;\n`,
    );
    await writeFile(script, create + steps.join(""));
    return psqlContestant(it, url, this.folder, script);
  }

  async remove(): Promise<void> {
    await rm(this.folder, { recursive: true, force: true });
  }
}

/** The password where no list of processes shows it. */
export function psqlContestant(
  it: TestServer,
  url: string,
  cwd: string,
  script: string,
): Contestant {
  const { hostname, port, pathname } = new URL(url);
  return {
    command: [
      "psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-h", hostname, "-p", port, "-U", it.user,
      "-f", script, pathname.slice(1),
    ],
    cwd,
    env: { PGPASSWORD: it.password, PGSSLMODE: "disable" },
  };
}

function versionOf(index: number): string {
  return String(20250101000000 + index);
}

/** Small changes of the usual kinds: a table, a column, an index, a few rows, in turn. */
export function smallSections(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => {
    const table = `app_${Math.floor(index / 4)}`;
    const kinds = [
      `create table ${table} (\n  id bigint generated always as identity primary key,\n` +
        "  name text not null,\n  created_at timestamptz not null default now()\n);",
      `alter table ${table} add column note text;`,
      `create index ${table}_name_idx on ${table} (name);`,
      `insert into ${table} (name, note) values ('one', 'first'), ('two', null);`,
    ];
    return kinds[index % kinds.length] ?? "";
  });
}

/** TCP through which everything comes so much later, one way; the round trip is twice that. */
export async function farAway(
  it: TestServer,
  oneWayMs: number,
): Promise<{ url(database: string): string; close(): void }> {
  const open = new Set<Socket>();
  const listener = createServer((client) => {
    const upstream = connect(it.port, it.host);
    for (const [from, to] of [[client, upstream], [upstream, client]] as const) {
      open.add(from);
      from.setNoDelay(true);
      from.on("error", () => undefined);
      from.on("data", (chunk: Buffer) => setTimeout(() => to.write(chunk), oneWayMs));
      from.on("close", () => {
        open.delete(from);
        setTimeout(() => to.destroy(), oneWayMs);
      });
    }
  });
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const address = listener.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    url: (database) =>
      it.url(database, { sslmode: "disable" }).replace(`:${it.port}/`, `:${port}/`),
    close: () => {
      listener.close();
      for (const socket of open) socket.destroy();
    },
  };
}
