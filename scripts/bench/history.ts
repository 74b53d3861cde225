// Contests of what changes nothing: the start of the program, status and up on a long history.
import type { TestServer } from "../../src/testing/servers.ts";
import type { Contest } from "./contest.ts";
import { Project, smallSections } from "./place.ts";

const plain = { sslmode: "disable" };

export async function* startContests(_: TestServer, rounds: number): AsyncGenerator<Contest> {
  const project = await Project.make(smallSections(1));
  yield {
    what: "`--version`", bound: 0.8, other: "dbmate", rounds,
    pgmate: async () => ({ ...project.pgmate("x", "--version"), command: version("pgmate") }),
    rival: async () => ({ ...project.dbmate("x", "--version"), command: version("dbmate") }),
  };
  await project.remove();

  function version(name: "pgmate" | "dbmate"): readonly string[] {
    return [project[name]("x").command[0] ?? name, "--version"];
  }
}

/** The last one is applied with both, so that each finds its own kind of ledger. */
export async function* historyContests(
  it: TestServer,
  rounds: number,
): AsyncGenerator<Contest> {
  for (const files of [100, 5_000, 10_000]) {
    const project = await Project.make(smallSections(files));
    const { name, query } = await it.freshDatabase();
    const url = it.url(name, plain);
    await query("create table schema_migrations (version varchar primary key)");
    await query(
      `insert into schema_migrations select (20250101000000 + i)::text
         from generate_series(0, ${files - 1}) i`,
    );
    const shared = { other: "dbmate", rounds: files > 1_000 ? Math.ceil(rounds / 2) : rounds };
    yield {
      ...shared, what: `\`status\`, ${files} applied`, bound: 1,
      pgmate: async () => project.pgmate(url, "status"),
      rival: async () => project.dbmate(url, "status"),
    };
    yield {
      ...shared, what: `\`up\`, nothing pending, ${files} applied`, bound: 0.8,
      pgmate: async () => project.pgmate(url, "--no-dump-schema", "up"),
      rival: async () => project.dbmate(url, "--no-dump-schema", "up"),
    };
    await project.remove();
  }
}
