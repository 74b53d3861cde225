/** What must hold for every plan, tried on ten thousand histories that look random. */

import { expect, test } from "bun:test";
import { fileOf } from "../testing/histories.ts";
import { seeded, type Random } from "../testing/seeded.ts";
import { PgmateError } from "../errors.ts";
import { type History, nameInLedger, reconcile } from "./history.ts";
import type { LedgerRow, MigrationFile } from "./migration.ts";
import { type Plan, plan, type Request } from "./plan.ts";
import { compareNames } from "./version-id.ts";

interface World {
  readonly files: readonly MigrationFile[];
  readonly rows: readonly LedgerRow[];
}

const rounds = 1_000;

/** Versions of several widths; rows in any order, some named like the file, some without one. */
function randomWorld(random: Random): World {
  const versions = ["1", "2", "03", "3", "10", "0011", "20250101", "20250102", "20240101", "9"];
  const files: MigrationFile[] = [];
  const rows: LedgerRow[] = [];
  for (const version of versions) {
    const file = fileOf(version);
    const hasFile = random.percent(75);
    if (hasFile) files.push(file);
    if (!random.percent(50)) continue;
    const named = hasFile && random.percent(15);
    const second = String(random.below(20)).padStart(2, "0");
    rows.push({
      version: named ? nameInLedger(file) : version,
      ...(random.percent(30) ? {} : { appliedAt: `2025-01-01T00:00:${second}Z` }),
    });
  }
  return { files: shuffled(files, random), rows: shuffled(rows, random) };
}

function shuffled<Item>(items: readonly Item[], random: Random): readonly Item[] {
  const left = [...items];
  return items.map(() => left.splice(random.below(left.length), 1)).flat();
}

function historyOf({ files, rows }: World): History {
  return reconcile(files, rows);
}

/** The ledger afterwards, by the words of the plan alone. */
function after({ files, rows }: World, { steps }: Plan): World {
  const now = [...rows];
  for (const [index, { direction, version }] of steps.entries()) {
    const at = now.findIndex((row) => row.version === version);
    if ((direction === "up") !== (at === -1)) throw new Error(`${direction} ${version} at ${at}`);
    const appliedAt = `2026-01-01T00:00:00.${String(index).padStart(3, "0")}Z`;
    if (direction === "up") now.push({ version, appliedAt });
    else now.splice(at, 1);
  }
  return { files, rows: now };
}

const refusals = ["missing-file", "nothing-applied", "version-unknown", "version-order"];

/** Undefined where the planner refuses, with a code that such a history gives a reason for. */
function planned(world: World, request: Request): Plan | undefined {
  try {
    return plan(historyOf(world), request);
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    expect(refusals).toContain(error.code);
    return undefined;
  }
}

function names(files: readonly MigrationFile[]): readonly string[] {
  return files.map((file) => file.name).toSorted(compareNames);
}

function appliedFiles(world: World): readonly string[] {
  return names(historyOf(world).applied.flatMap(({ file }) => (file === undefined ? [] : [file])));
}

type UpRequest = Extract<Request, { kind: "up" }>;
const upAll: UpRequest = { kind: "up", to: undefined, steps: undefined, order: "any" };
const strictUp: UpRequest = { ...upAll, order: "strict" };
const rollbackAll: Request = { kind: "rollback", amount: { kind: "all" } };

function randomRequest(world: World, random: Random): Request {
  const file = world.files.length === 0 ? undefined : random.pick(world.files);
  const version = file?.version ?? "1";
  const steps = 1 + random.below(4);
  return random.pick<Request>([
    upAll,
    strictUp,
    { ...upAll, to: version },
    { ...upAll, steps },
    { kind: "rollback", amount: { kind: "steps", steps } },
    { kind: "rollback", amount: { kind: "to", version } },
    rollbackAll,
    { kind: "redo", steps },
    { kind: "goto", version },
  ]);
}

function forEachWorld(seed: number, check: (world: World, random: Random) => boolean): void {
  const random = seeded(seed);
  let reached = 0;
  for (let round = 0; round < rounds; round += 1) {
    if (check(randomWorld(random), random)) reached += 1;
  }
  // A property that is never reached proves nothing.
  expect(reached).toBeGreaterThan(rounds / 50);
}

test("each step finds the ledger as it expects it, and no file comes twice but for redo", () => {
  forEachWorld(1, (world, random) => {
    const request = randomRequest(world, random);
    const made = planned(world, request);
    if (made === undefined) return false;
    after(world, made);
    for (const direction of ["up", "down"] as const) {
      const paths = made.steps
        .filter((step) => step.direction === direction)
        .map(({ file }) => file.path);
      expect(new Set(paths).size).toBe(paths.length);
    }
    const all = new Set(made.steps.map(({ file }) => file.path));
    if (request.kind !== "redo") expect(all.size).toBe(made.steps.length);
    return made.steps.length > 0;
  });
});

test("downs come before ups", () => {
  forEachWorld(2, (world, random) => {
    const made = planned(world, randomRequest(world, random));
    const directions = made?.steps.map(({ direction }) => direction) ?? [];
    expect(directions.lastIndexOf("down")).toBeLessThan(
      directions.includes("up") ? directions.indexOf("up") : directions.length + 1,
    );
    return directions.length > 0;
  });
});

test("up applies all that is pending, nothing that is applied, in file order", () => {
  forEachWorld(3, (world) => {
    const made = planned(world, upAll);
    if (made === undefined) throw new Error("up is never refused here");
    const before = appliedFiles(world);
    const order = made.steps.map(({ file }) => file.name);
    expect(order).toEqual([...names(made.steps.map(({ file }) => file))]);
    expect(order.filter((name) => before.includes(name))).toEqual([]);
    expect(appliedFiles(after(world, made))).toEqual(names(world.files));
    return order.length > 0;
  });
});

test("up --to and --steps run a beginning of what up runs", () => {
  forEachWorld(4, (world, random) => {
    const whole = planned(world, upAll)?.steps ?? [];
    const request = { ...upAll, to: world.files[0]?.version, steps: 1 + random.below(3) };
    const part = planned(world, request)?.steps ?? [];
    expect(part).toEqual(whole.slice(0, part.length));
    expect(part.length).toBeLessThanOrEqual(request.steps);
    return part.length > 0;
  });
});

test("strict runs what up runs, or nothing: never a file below an applied one", () => {
  forEachWorld(5, (world) => {
    let made: Plan;
    try {
      made = plan(historyOf(world), strictUp);
    } catch (error) {
      if (!(error instanceof PgmateError)) throw error;
      expect(error.code).toBe("version-order");
      return false;
    }
    expect(made).toEqual(planned(world, upAll) as Plan);
    expect(made.outOfOrder).toEqual([]);
    const newest = historyOf(world).applied.map(({ row, file }) => file?.name ?? row.version);
    for (const { file } of made.steps) {
      for (const name of newest) expect(compareNames(file.name, name)).toBe(1);
    }
    return made.steps.length > 0;
  });
});

test("rollback --all leaves nothing, and undoes the newest first", () => {
  forEachWorld(6, (world) => {
    const made = planned(world, rollbackAll);
    if (made === undefined) {
      expect(historyOf(world).missing.length).toBeGreaterThan(0);
      return false;
    }
    const times = made.steps.map(({ version }) => {
      return world.rows.find((row) => row.version === version)?.appliedAt ?? "";
    });
    expect(times).toEqual(times.toSorted().toReversed());
    expect(after(world, made).rows).toEqual([]);
    return made.steps.length > 0;
  });
});

test("what up did, rollback --steps undoes: only what was there before is left", () => {
  forEachWorld(7, (world) => {
    const made = planned(world, upAll);
    if (made === undefined || made.steps.length === 0) return false;
    const steps = made.steps.length;
    const undo = planned(after(world, made), {
      kind: "rollback", amount: { kind: "steps", steps },
    });
    if (undo === undefined) throw new Error("what has just been applied has its file");
    expect(undo.steps.map(({ file }) => file)).toEqual(
      made.steps.map(({ file }) => file).toReversed(),
    );
    expect(after(after(world, made), undo).rows).toEqual([...world.rows]);
    return true;
  });
});

test("rollback --to leaves what was applied before it, and it", () => {
  forEachWorld(8, (world) => {
    const version = world.files[0]?.version ?? "";
    const made = planned(world, { kind: "rollback", amount: { kind: "to", version } });
    if (made === undefined) return false;
    const history = historyOf(world);
    const kept = history.applied.findIndex(({ file }) => file?.version === version);
    const left = history.applied.slice(0, kept + 1).map(({ row }) => row.version).toSorted();
    expect(after(world, made).rows.map((row) => row.version).toSorted()).toEqual(left);
    return made.steps.length > 0;
  });
});

test("redo changes no version that is applied, and the order of what it brings back stays", () => {
  forEachWorld(9, (world, random) => {
    const steps = 1 + random.below(3);
    const made = planned(world, { kind: "redo", steps });
    if (made === undefined) return false;
    expect(appliedFiles(after(world, made))).toEqual(appliedFiles(world));
    const order = (one: World): readonly (string | undefined)[] =>
      historyOf(one).applied.slice(-steps).map(({ file }) => file?.name);
    expect(order(after(world, made))).toEqual(order(world));
    return true;
  });
});

test("goto leaves exactly the files up to the version", () => {
  forEachWorld(10, (world) => {
    const last = world.files[0];
    if (last === undefined) return false;
    const made = planned(world, { kind: "goto", version: last.version });
    if (made === undefined) {
      expect(historyOf(world).missing.length).toBeGreaterThan(0);
      return false;
    }
    expect(appliedFiles(after(world, made))).toEqual(
      names(world.files).filter((name) => compareNames(name, last.name) <= 0),
    );
    return made.steps.length > 0;
  });
});

test("the same request again has nothing to do", () => {
  forEachWorld(11, (world) => {
    const version = world.files[0]?.version ?? "";
    for (const request of [upAll, { kind: "goto", version }] as const) {
      const made = planned(world, request);
      if (made === undefined) return false;
      expect(planned(after(world, made), request)?.steps).toEqual([]);
    }
    return true;
  });
});
