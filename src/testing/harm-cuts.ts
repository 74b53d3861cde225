/** A bad line at every message of a short run, or at some of them, and what came of it. */
import { countMessages, type CutResult, cutRun, makeCutStage } from "./harm-cut.ts";
import type { Course } from "./harm-stage.ts";
import type { Fault } from "./harm-proxy.ts";
import { seeded } from "./seeded.ts";
import type { TestServer } from "./servers.ts";

export interface CutsRequest {
  readonly seed: number;
  readonly server: TestServer;
  /** So many of its messages for each kind of fault, picked by the seed; all where not given. */
  readonly messages?: number;
  /** A silence takes seconds each time, so that it is at one of so many messages; 0: at none. */
  readonly silenceEvery: number;
  readonly workers: number;
  readonly onFault: (text: string) => void;
}

export interface CutsFigures {
  /** Of an `up` and of a rollback together. */
  readonly messages: number;
  readonly rows: readonly CutsRow[];
}

export interface CutsRow {
  /** `up, drop`. */
  readonly kind: string;
  readonly runs: number;
  readonly struck: number;
  /** Runs that a silence held until they were asked to stop. */
  readonly askedToStop: number;
  readonly worstMs: number;
  readonly faulty: number;
}

export async function runCuts(request: CutsRequest): Promise<CutsFigures> {
  await using stage = await makeCutStage(request.server, request.seed);
  const messages = await countMessages(stage, stage.up);
  const back = await countMessages(stage, stage.rollback);
  const open: (readonly [Course, Fault])[] = [
    ...faultsFor(messages, request).map((fault) => [stage.up, fault] as const),
    // Cut in the midst of a message or between two is much the same, and once is enough here.
    ...faultsFor(back, request).filter(({ kind }) => kind === "drop")
      .map((fault) => [stage.rollback, fault] as const),
  ];
  const rows = new Map<string, CutsRow>();
  const work = async (): Promise<void> => {
    for (let next = open.shift(); next !== undefined; next = open.shift()) {
      const [course, fault] = next;
      const result = await cutRun(stage, course, fault);
      const kind = `${course.args[0]}, ${fault.kind}`;
      rows.set(kind, added(kind, rows.get(kind), result));
      if (result.faults.length > 0) request.onFault(result.faults.join("\n"));
    }
  };
  await Promise.all(Array.from({ length: request.workers }, work));
  return { messages: messages + back, rows: [...rows.values()] };
}

function faultsFor(count: number, request: CutsRequest): readonly Fault[] {
  const all = Array.from({ length: count }, (_, at) => at);
  const random = seeded(request.seed);
  const { messages = all.length, silenceEvery } = request;
  const some = (): readonly number[] => {
    if (messages >= all.length) return all;
    return Array.from({ length: messages }, () => random.pick(all));
  };
  return [
    { kind: "delay", ms: 5 },
    { kind: "bytes" },
    ...some().map((at) => ({ kind: "drop", at }) as const),
    ...some().map((at) => ({ kind: "truncate", at }) as const),
    ...some().filter((_, index) => silenceEvery > 0 && index % silenceEvery === 0)
      .map((at) => ({ kind: "silence", at }) as const),
  ];
}

function added(kind: string, row: CutsRow | undefined, result: CutResult): CutsRow {
  return {
    kind,
    runs: (row?.runs ?? 0) + 1,
    struck: (row?.struck ?? 0) + (result.struck ? 1 : 0),
    askedToStop: (row?.askedToStop ?? 0) + (result.ended === "when asked" ? 1 : 0),
    worstMs: Math.max(row?.worstMs ?? 0, result.ms),
    faulty: (row?.faulty ?? 0) + (result.faults.length > 0 ? 1 : 0),
  };
}
