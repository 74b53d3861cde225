/** When a run is disturbed: by the clock, by what it says, or by what is seen on the server. */
import type { Course, HarmStage } from "./harm-stage.ts";
import { resultOf } from "./harm-stage.ts";
import type { RunningProgram } from "./program.ts";
import type { Random } from "./seeded.ts";

export type Moment =
  /** After the program's start. */
  | { readonly kind: "start"; readonly ms: number }
  /** After it has said that it begins the file. */
  | { readonly kind: "file"; readonly file: string; readonly ms: number }
  /** When the server has something half done. */
  | { readonly kind: "sight"; readonly of: Sight; readonly ms: number };

export type Sight = keyof typeof sights;

/** What is there only in the midst of a statement that works CONCURRENTLY. */
const sights = {
  "an invalid index":
    "select from pg_index i join pg_class c on c.oid = i.indexrelid" +
    " where c.relkind = 'i' and not i.indisvalid",
  "a half detached partition": "select from pg_inherits where inhdetachpending",
  "a wait for others":
    "select from pg_stat_activity where datname = current_database()" +
    " and application_name like 'pgmate%' and wait_event_type = 'Lock'",
} as const;

/** A moment may come a little later than a run of that length would have ended. */
const lateness = 1.1;
/** After a sight, which is itself told a few milliseconds late. */
const longestAfterSightMs = 12;
const pollMs = 1;

/** Two of five are even over the whole run, two over the length of a random file. */
export function randomMoment(course: Course, random: Random): Moment {
  const part = random.below(10_000) / 10_000;
  switch (random.below(5)) {
    case 0:
    case 1:
      return { kind: "start", ms: part * course.ms * lateness };
    case 2:
    case 3: {
      const { file, ms } = random.pick(course.steps);
      return { kind: "file", file, ms: part * ms * lateness };
    }
    default: {
      const of = random.pick(Object.keys(sights) as readonly Sight[]);
      return { kind: "sight", of, ms: part * longestAfterSightMs };
    }
  }
}

export function momentText(moment: Moment, course: Course): string {
  const after = moment.kind === "start" ? "its start"
    : moment.kind === "file" ? `"${course.begins}: ${moment.file}"`
    : `${moment.of} was seen`;
  return `${moment.ms.toFixed(1)} ms after ${after}`;
}

/** Until the moment has come, or the program has ended before. */
export async function reachMoment(moment: Moment, run: WatchedRun): Promise<void> {
  const end = resultOf(run.program).then(() => undefined);
  await Promise.race([end, comeOf(moment, run, end)]);
  await Promise.race([end, Bun.sleep(moment.ms)]);
}

interface WatchedRun {
  readonly stage: HarmStage;
  readonly database: string;
  readonly course: Course;
  readonly program: RunningProgram;
}

async function comeOf(moment: Moment, run: WatchedRun, end: Promise<void>): Promise<void> {
  switch (moment.kind) {
    case "start":
      return;
    case "file": {
      let ended = false;
      void end.then(() => (ended = true));
      const line = `${run.course.begins}: ${moment.file}\n`;
      while (!ended && !run.program.stdout().includes(line)) await Bun.sleep(pollMs);
      return;
    }
    case "sight":
      // A session that is ended meanwhile will not see it any more.
      await run.stage.server.query(run.database, lookoutSql(moment.of)).catch(() => undefined);
  }
}

/** Looks on the server itself, every two milliseconds for some seconds: the sight is short. */
function lookoutSql(sight: Sight): string {
  return `do $$ begin
    for turn in 1..3000 loop
      exit when exists (${sights[sight]});
      perform pg_sleep(0.002);
      commit;
    end loop;
  end $$`;
}
