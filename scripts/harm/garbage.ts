// Feeds pgmate garbage, 100,000 cases: files, flags, URLs, variables, messages, ledgers.
import { rmSync } from "node:fs";
import type { Finding } from "../../src/testing/garbage-case.ts";
import { newTally, runCases } from "../../src/testing/garbage-case.ts";
import { programKinds, pureKinds } from "../../src/testing/garbage-kinds.ts";
import type { ProgramKind } from "../../src/testing/garbage-program.ts";
import { type Ground, prepareGround } from "../../src/testing/garbage-program.ts";
import { seeded } from "../../src/testing/seeded.ts";
import { server } from "../../src/testing/servers.ts";

const batchCases = 2_000;
/** Many times what a batch takes: one that has not ended then never will. */
const batchMs = 180_000;
const atOnce = 2;
const shownFindings = 5;

interface Batch {
  readonly outcomes: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  readonly slowestMs: number;
}

interface Row extends Batch {
  readonly kind: string;
  readonly cases: number;
  readonly seconds: number;
}

async function main(cases: number, first: number, wanted: string): Promise<number> {
  const rows: Row[] = [];
  for (const { kind, perMille } of pureKinds.filter((one) => one.kind.name.includes(wanted))) {
    rows.push(await pureRow(kind.name, first, Math.ceil((cases * perMille) / 1000)));
  }
  const chosen = programKinds.filter((one) => one.kind.name.includes(wanted));
  if (chosen.length > 0) {
    const it = await server(18);
    const ground = await prepareGround(it, seeded(first));
    for (const { kind, perMille } of chosen) {
      rows.push(await programRow(kind, ground, first, Math.ceil((cases * perMille) / 1000)));
    }
    rmSync(ground.folder, { recursive: true, force: true });
    await it.stop();
  }
  print(rows);
  return rows.some((row) => row.findings.length > 0) ? 1 : 0;
}

/** In processes of their own, so that a case that never ends, or ends all, is told as such. */
async function pureRow(kind: string, first: number, cases: number): Promise<Row> {
  const began = performance.now();
  const starts = Array.from({ length: Math.ceil(cases / batchCases) }, (_, i) => i * batchCases);
  const done: Batch[] = [];
  const next = async (): Promise<void> => {
    for (let at = starts.shift(); at !== undefined; at = starts.shift()) {
      done.push(await batch(kind, first + at, Math.min(batchCases, cases - at)));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  return rowOf(kind, cases, began, done);
}

async function batch(kind: string, first: number, count: number): Promise<Batch> {
  const command = [process.execPath, import.meta.path, "--batch", kind, `${first}`, `${count}`];
  const child = Bun.spawn(command, { stdio: ["ignore", "pipe", "pipe"] });
  const timer = setTimeout(() => child.kill("SIGKILL"), batchMs);
  const output = [new Response(child.stdout).text(), new Response(child.stderr).text()];
  const [told = "", said = ""] = await Promise.all(output);
  clearTimeout(timer);
  if ((await child.exited) === 0) return JSON.parse(told) as Batch;
  const what = child.signalCode === "SIGKILL" ? "slow" : "crash";
  const text = `the ${count} cases from ${first} did not come to their end: ${said.slice(-2_000)}`;
  return { outcomes: {}, findings: [{ kind, seed: first, what, text }], slowestMs: batchMs };
}

function runBatch(name: string, first: number, count: number): void {
  const kind = pureKinds.find((one) => one.kind.name === name)?.kind;
  if (kind === undefined) throw new Error(`no kind is named ${name}`);
  const { outcomes, findings, slowestMs } = runCases(kind, { first, count });
  console.log(JSON.stringify({ outcomes: Object.fromEntries(outcomes), findings, slowestMs }));
}

async function programRow(
  kind: ProgramKind,
  ground: Ground,
  first: number,
  cases: number,
): Promise<Row> {
  const began = performance.now();
  const tally = newTally();
  for (let seed = first; seed < first + cases; seed += 1) {
    const start = performance.now();
    const { outcome, faults } = await kind.run(seeded(seed), ground);
    tally.slowestMs = Math.max(tally.slowestMs, performance.now() - start);
    tally.outcomes.set(outcome, (tally.outcomes.get(outcome) ?? 0) + 1);
    tally.findings.push(...faults.map((one) => ({ kind: kind.name, seed, ...one })));
  }
  const outcomes = Object.fromEntries(tally.outcomes);
  return rowOf(kind.name, cases, began, [{ ...tally, outcomes }]);
}

function rowOf(kind: string, cases: number, began: number, batches: readonly Batch[]): Row {
  const outcomes: Record<string, number> = {};
  for (const [name, count] of batches.flatMap((one) => Object.entries(one.outcomes))) {
    outcomes[name] = (outcomes[name] ?? 0) + count;
  }
  const row = {
    kind, cases, outcomes, seconds: (performance.now() - began) / 1000,
    findings: batches.flatMap((one) => one.findings),
    slowestMs: Math.max(0, ...batches.map((one) => one.slowestMs)),
  };
  console.error(`${kind}: ${cases} cases, ${row.findings.length} findings`);
  return row;
}

function print(rows: readonly Row[]): void {
  for (const { findings } of rows) {
    for (const { kind, seed, what, text } of findings.slice(0, shownFindings)) {
      console.error(`\n${kind}, seed ${seed}: ${what}\n${text}`);
    }
  }
  console.log("| garbage | cases | how they ended | crashes | secrets shown | hangs | statuses |");
  console.log("|---|--:|---|--:|--:|--:|--:|");
  for (const { kind, cases, outcomes, findings } of rows) {
    const often = Object.entries(outcomes).toSorted((left, right) => right[1] - left[1]);
    const ended = often.slice(0, 4).map(([name, count]) => `${name} ${count}`).join(", ");
    const found = (["crash", "secret", "slow", "status"] as const)
      .map((what) => findings.filter((one) => one.what === what).length);
    console.log(`| ${[kind, cases, ended, ...found].join(" | ")} |`);
  }
  const total = rows.reduce((sum, row) => sum + row.cases, 0);
  const seconds = rows.reduce((sum, row) => sum + row.seconds, 0);
  const findings = rows.reduce((sum, row) => sum + row.findings.length, 0);
  console.log(`\n${total} cases in ${seconds.toFixed(0)} s, ${findings} findings`);
}

const words = process.argv.slice(2);
if (words[0] === "--batch") runBatch(words[1] ?? "", Number(words[2]), Number(words[3]));
else process.exit(await main(Number(words[0] ?? 100_000), Number(words[1] ?? 1), words[2] ?? ""));
