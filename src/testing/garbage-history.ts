/** Ledgers and journals with rows that nothing of pgmate's would have written. */
import { force, type ForceRequest } from "../core/force.ts";
import { type History, reconcile } from "../core/history.ts";
import type { JournalRow } from "../core/journal.ts";
import type { LedgerRow, MigrationFile } from "../core/migration.ts";
import { plan, type Request } from "../core/plan.ts";
import { parseFileName } from "../core/version-id.ts";
import type { StatusEntry } from "../engine/events.ts";
import { statusText } from "../report/outcome-text.ts";
import { attempt, type GarbageKind } from "./garbage-case.ts";
import { fragmentText, garbageValue } from "./garbage-text.ts";
import type { Random } from "./seeded.ts";

/** Few enough to meet again as files, rows, journal and request. */
const versions = [
  "1", "01", "001", "2", "10", "20240101000000", "20240101000001", "9".repeat(30), "0", "00",
];

function version(random: Random): string {
  if (random.percent(95)) return random.pick(versions);
  return random.pick([
    () => garbageValue(random), () => fragmentText(random, 3), () => `${random.pick(versions)}_a`,
    () => ` ${random.pick(versions)}`, () => "1.0", () => "-1", () => "１", () => "1e3",
  ])();
}

function file(random: Random): readonly MigrationFile[] {
  const suffix = random.pick(["_a", "_b", "", "-c d", "_ü", "_😀", ".x"]);
  const name = `${version(random)}${suffix}.sql`;
  const parts = parseFileName(name);
  return parts === undefined ? [] : [{ ...parts, name, path: `db/${name}` }];
}

function ledgerRow(random: Random): LedgerRow {
  const time = random.pick([
    "2024-01-01T00:00:00.000000Z", "2024-01-01T00:00:01.000000Z", "infinity", "0044-03-15 BC", "",
  ]);
  return {
    version: version(random),
    ...(random.percent(30) ? { description: garbageValue(random) } : {}),
    ...(random.percent(30) ? { checksum: random.pick(["v1:0", "v9:x", "", "ü"]) } : {}),
    ...(random.percent(60) ? { appliedAt: time } : {}),
    ...(random.percent(30) ? { appliedBy: garbageValue(random) } : {}),
    ...(random.percent(30)
      ? { executionMs: random.pick([0, -1, Number.NaN, Infinity, 1e300, 0.1]) } : {}),
  };
}

function journalRow(random: Random): JournalRow {
  return {
    version: version(random),
    direction: random.pick(["up", "down"]),
    unit: random.pick([1, 1, 2, 3, 0, -1, 2_147_483_647]),
    hash: random.pick(["", "v1:0", "x".repeat(1_000)]),
    state: random.pick(["running", "done", "failed"]),
    error: random.percent(50) ? undefined : fragmentText(random, 5),
    note: random.percent(70) ? undefined : fragmentText(random, 5),
  };
}

function request(random: Random): Request {
  const some = (): string | undefined => (random.percent(50) ? undefined : version(random));
  const steps = random.pick([1, 2, 999_999_999]);
  return random.pick<() => Request>([
    () => ({
      kind: "up", to: some(), steps: random.percent(60) ? undefined : steps,
      order: random.pick(["any", "strict"]),
    }),
    () => ({ kind: "rollback", amount: { kind: "steps", steps } }),
    () => ({ kind: "rollback", amount: { kind: "to", version: version(random) } }),
    () => ({ kind: "rollback", amount: { kind: "all" } }),
    () => ({ kind: "redo", steps }),
    () => ({ kind: "goto", version: version(random) }),
  ])();
}

function many<Item>(random: Random, most: number, make: () => Item): readonly Item[] {
  return Array.from({ length: random.below(most + 1) }, make);
}

/** What may be made of it, and what `status` shows of it. */
export const histories: GarbageKind = {
  name: "ledgers and journals",
  run: (random) => {
    const files = many(random, 6, () => file(random)).flat();
    const rows = many(random, 6, () => ledgerRow(random));
    const journal = random.percent(50) ? [] : many(random, 4, () => journalRow(random));
    const versionKind = random.percent(85) ? "text" : "numeric";
    const wanted = request(random);
    const forced: ForceRequest = random.percent(50)
      ? { kind: "up-to", version: version(random) }
      : { kind: "only", version: version(random), state: random.pick(["applied", "pending"]) };
    return attempt([], (show) => {
      const history = reconcile(files, rows, versionKind, journal);
      showStatus(history, show);
      if (random.percent(30)) {
        const { versions: changed } = force(history, { rows: journal, versionKind }, forced);
        show(changed.map((one) => `${one.version} ${one.from} ${one.to}`).join("\n"));
        return;
      }
      const { steps } = plan(history, wanted);
      proveSense(history, steps.map((step) => `${step.direction} ${step.file.path}`));
      show(steps.map((step) => `${step.direction} ${step.version}`).join("\n"));
    });
  },
};

/** No file twice in a row in one direction, and none that is not there. */
function proveSense(history: History, steps: readonly string[]): void {
  const known = new Set(history.entries.map((entry) => entry.file.path));
  for (const [index, step] of steps.entries()) {
    if (step === steps[index - 1]) throw new Error(`${step} would run twice`);
    if (!known.has(step.replace(/^\w+ /, ""))) throw new Error(`${step} is of no file`);
  }
}

function showStatus(history: History, show: (text: string) => void): void {
  const entry = (row: LedgerRow | undefined, found?: MigrationFile): StatusEntry => ({
    version: found?.version ?? row?.version ?? "", file: found, row, checksum: "changed",
    dirty: undefined,
  });
  const status = {
    kind: "status" as const,
    entries: history.entries.map((one) => entry(one.row, one.file)),
    missing: [...history.missing, ...history.unreadable].map((row) => entry(row)),
    answer: "yes" as const,
  };
  for (const form of ["short", "long", "json", "none"] as const) {
    const text = statusText(status, form);
    show(text);
    if (form === "json") JSON.parse(text);
    // What moves a terminal's cursor must not come through.
    if (/[\u0000-\u0008\u000b-\u001f\u202a-\u202e\u2066-\u2069]/.test(text)) {
      throw new Error(`a control character is shown: ${JSON.stringify(text)}`);
    }
  }
}
