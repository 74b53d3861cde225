/** A bad line at every message of a short run, or at some of them, and what came of it. */
import { countMessages, type CutResult, cutRun, makeCutStage } from "./harm-cut.ts";
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
  readonly messages: number;
  readonly rows: readonly CutsRow[];
}

export interface CutsRow {
  readonly kind: Fault["kind"];
  readonly runs: number;
  readonly struck: number;
  /** Runs that a silence held until they were asked to stop. */
  readonly askedToStop: number;
  readonly worstMs: number;
  readonly faulty: number;
}

export async function runCuts(request: CutsRequest): Promise<CutsFigures> {
  await using stage = await makeCutStage(request.server, request.seed);
  const messages = await countMessages(stage);
  const all = Array.from({ length: messages }, (_, at) => at);
  const open = [...faultsFor(all, request)];
  const rows = new Map<Fault["kind"], CutsRow>();
  const work = async (): Promise<void> => {
    for (let fault = open.shift(); fault !== undefined; fault = open.shift()) {
      const result = await cutRun(stage, fault);
      rows.set(fault.kind, added(fault.kind, rows.get(fault.kind), result));
      if (result.faults.length > 0) request.onFault(result.faults.join("\n"));
    }
  };
  await Promise.all(Array.from({ length: request.workers }, work));
  return { messages, rows: [...rows.values()] };
}

function faultsFor(all: readonly number[], request: CutsRequest): readonly Fault[] {
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

function added(kind: Fault["kind"], row: CutsRow | undefined, result: CutResult): CutsRow {
  return {
    kind,
    runs: (row?.runs ?? 0) + 1,
    struck: (row?.struck ?? 0) + (result.struck ? 1 : 0),
    askedToStop: (row?.askedToStop ?? 0) + (result.ended === "when asked" ? 1 : 0),
    worstMs: Math.max(row?.worstMs ?? 0, result.ms),
    faulty: (row?.faulty ?? 0) + (result.faults.length > 0 ? 1 : 0),
  };
}
