/** At least one of each event that is told; with all that it may hold, and with the least. */
import type { Blocker } from "../core/blocker.ts";
import type { Outcome } from "../engine/events.ts";
import type { Told } from "../report/program-event.ts";
import { fileOf } from "./histories.ts";
import { emptySample } from "./review-sample.ts";

const file = fileOf("20240101000000_users");

const blocker: Blocker = {
  pid: 99, prepared: undefined, seen: "whole", user: "app", application: "psql",
  address: "10.0.0.7", state: "idle in transaction", ageMs: 40_000.7, query: "select ?",
};
const prepared: Blocker = {
  pid: 0, prepared: "gid", seen: "part", user: undefined, application: undefined,
  address: undefined, state: undefined, ageMs: undefined, query: undefined,
};
const blockers = [blocker, prepared];
const place = { file: "db/1_x.sql", line: 3, column: 7, text: "select x;" };
const table = { schema: "public", table: "schema_migrations" };
const server = {
  severity: "NOTICE", code: "42P07", message: "m", detail: "d", hint: "h", where: "w",
  internalQuery: "q",
};
const none = { listed: [], more: 0 };
const entries = [
  { version: "1", file, from: "dirty", to: "applied", repeats: none, skips: none },
  { version: "2", file: undefined, from: "pending", to: "applied", repeats: none, skips: none },
] as const;
const planned = { direction: "up", file, version: "1", begun: [] } as const;
const difference = {
  kind: "difference", path: "s.sql", is: "other", diff: "d", answer: "no",
} as const;
const status: Outcome = {
  kind: "status",
  entries: [{
    version: "1", file, row: undefined, checksum: "none", dirty: undefined,
  }],
  missing: [],
  answer: "yes",
};

const outcomes: readonly Outcome[] = [
  { kind: "done" },
  { kind: "ran", steps: [{ direction: "up", file, ms: 1 }, { direction: "down", file, ms: 1 }] },
  { kind: "ran", steps: [] },
  { kind: "script", parts: [], steps: [planned] },
  { kind: "schema", text: new Uint8Array() },
  difference,
  status,
  { kind: "forced", file, scope: "only", entries, did: "changed" },
  { kind: "review", document: emptySample(), script: undefined },
  { kind: "rules", rules: [] },
  { kind: "version", version: "1", dirty: false },
];

type Kind = Exclude<Told["kind"], "secret">;
/** By their kinds, so that none is forgotten. */
export const samplesByKind: Readonly<Record<Kind, readonly Exclude<Told, { kind: "secret" }>[]>> = {
  "start": [{ kind: "start", command: "up", version: "1.0.0" }],
  "target": [{ kind: "target", description: "me@h:5432/d", server: "PostgreSQL 18.1" }],
  "creating-database": [{ kind: "creating-database", name: "d" }],
  "dropping-database": [{ kind: "dropping-database", name: "d" }],
  "creating-schema": [{ kind: "creating-schema", name: "Foo" }],
  "creating-migration": [{ kind: "creating-migration", path: "db/1_x.sql" }],
  "schema-written": [{ kind: "schema-written", path: "s.sql" }],
  "schema-unchanged": [
    { kind: "schema-unchanged", path: "s.sql", asked: "dump" },
    { kind: "schema-unchanged", path: "s.sql", asked: "run" },
  ],
  "schema-differs": [{ kind: "schema-differs", difference }],
  "reading-schema": [{ kind: "reading-schema", path: "s.sql" }],
  "schema-loaded": [{ kind: "schema-loaded", path: "s.sql", ms: 1.5 }],
  "review-written": [{ kind: "review-written", path: "p.html", verdict: "RISKY: x\n  y\n" }],
  "waiting-begins": [
    { kind: "waiting-begins", waitedMs: 0.4, code: "connect-refused", reason: "refused" },
  ],
  "waiting-goes-on": [
    { kind: "waiting-goes-on", waitedMs: 1_000.4, code: "connect-refused", reason: "refused" },
  ],
  "waiting-ends": [
    { kind: "waiting-ends", waitedMs: 2_000, server: "answers" },
    { kind: "waiting-ends", waitedMs: 2_000, server: "silent" },
  ],
  "lock-wait": [
    { kind: "lock-wait", holder: "pgmate up", waitedMs: 10_000.2 },
    { kind: "lock-wait", holder: undefined, waitedMs: 0 },
  ],
  "run-lock-taken": [{ kind: "run-lock-taken", waitedMs: 0.1 }],
  "run-lock-released": [{ kind: "run-lock-released" }],
  "table-wait": [{ kind: "table-wait", table, waitedMs: 2_000.6, blockers }],
  "planned": [{ kind: "planned", steps: [planned] }],
  "applying": [{ kind: "applying", file }],
  "rolling-back": [{ kind: "rolling-back", file }],
  "statement-begins": [
    { kind: "statement-begins", file, direction: "up", unit: 2, of: 5, command: "SELECT" },
  ],
  "step-progress": [
    {
      kind: "step-progress", file, direction: "up", elapsedMs: 30_000.5,
      unit: { number: 2, of: 5 }, blockers,
      work: { what: "copying", done: 1, total: undefined, unit: "rows" },
    },
    {
      kind: "step-progress", file, direction: "down", elapsedMs: 61_000, unit: undefined,
      work: undefined, blockers: [],
    },
  ],
  "applied": [
    { kind: "applied", file, ms: 2.4505, rows: 2 },
    { kind: "applied", file, ms: 0.2, rows: undefined },
  ],
  "rolled-back": [{ kind: "rolled-back", file, ms: 62_500.4, rows: 0 }],
  "lock-retry": [{
    kind: "lock-retry", file, direction: "up", cause: "lock-timeout", failed: 2, left: 9,
    pauseMs: 812.4, blockers,
  }],
  "resuming": [{ kind: "resuming", file, direction: "up", unit: 2, of: 3 }],
  "leftover-dropped": [{ kind: "leftover-dropped", index: "public.x" }],
  "forcing": [{ kind: "forcing", entries }],
  "question": [{ kind: "question", text: "Go on?" }],
  "server-notice": [
    { kind: "server-notice", notice: server },
    { kind: "server-notice", notice: { severity: "WARNING", code: "01000", message: "m" } },
    { kind: "server-notice", notice: { severity: "DEBUG1", code: "00000", message: "m" } },
  ],
  "warning": [
    { kind: "warning", message: "m" },
    { kind: "warning", message: "m", at: place },
  ],
  "stop-requested": [{ kind: "stop-requested", reason: "terminated" }],
  "stopping": [{ kind: "stopping" }],
  "done": outcomes.map((outcome) => ({
    kind: "done", command: "up", outcome, verdict: outcome.kind === "review" ? "risky" : undefined,
    ms: 1_234.5, exitStatus: 0,
  })),
};
