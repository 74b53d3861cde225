// Contests of files that are applied: one with the dump, a thousand, and two hundred far away.
import type { TestServer } from "../../src/testing/servers.ts";
import type { Contest } from "./contest.ts";
import { farAway, Project, smallSections } from "./place.ts";

const plain = { sslmode: "disable" };

async function emptyUrl(it: TestServer): Promise<string> {
  const { name } = await it.freshDatabase();
  it.releaseDatabase(name);
  await it.query("postgres", "checkpoint");
  return it.url(name, plain);
}

export async function* upContests(it: TestServer, rounds: number): AsyncGenerator<Contest> {
  const one = await Project.make(smallSections(1));
  yield {
    what: "`up` of 1 file, with the dump", bound: 0.9, other: "dbmate", rounds,
    pgmate: async () => one.pgmate(await emptyUrl(it), "up"),
    rival: async () => one.dbmate(await emptyUrl(it), "up"),
  };
  await one.remove();
  const few = Math.max(3, Math.ceil(rounds / 5));
  const many = await Project.make(smallSections(1_000));
  const ours = async () => many.pgmate(await emptyUrl(it), "--no-dump-schema", "up");
  yield {
    what: "`up` of 1,000 small files, no dump", bound: 1.1, other: "psql -f", rounds: few,
    pgmate: ours,
    rival: async () => many.psql(it, await emptyUrl(it)),
  };
  yield {
    what: "`up` of 1,000 small files, no dump", bound: 1, other: "dbmate", rounds: few,
    pgmate: ours,
    rival: async () => many.dbmate(await emptyUrl(it), "--no-dump-schema", "up"),
  };
  await many.remove();
}

export async function* farContests(it: TestServer, rounds: number): AsyncGenerator<Contest> {
  const project = await Project.make(smallSections(200));
  for (const roundTripMs of [5, 50]) {
    const line = await farAway(it, roundTripMs / 2);
    const far = async (): Promise<string> => {
      const { name } = await it.freshDatabase();
      it.releaseDatabase(name);
      return line.url(name);
    };
    yield {
      what: `\`up\` of 200 small files, ${roundTripMs} ms away`, bound: 0.2, other: "dbmate",
      rounds: Math.max(2, Math.ceil(rounds / 10)),
      pgmate: async () => project.pgmate(await far(), "--no-dump-schema", "up"),
      rival: async () => project.dbmate(await far(), "--no-dump-schema", "up"),
    };
    line.close();
  }
  await project.remove();
}
