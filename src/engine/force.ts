/** Says what is applied and what is pending, and clears what is half run; runs nothing. */

import { force as forcedBy, type Forced, type ForceRequest } from "../core/force.ts";
import { type History, reconcile } from "../core/history.ts";
import type { MigrationFile } from "../core/migration.ts";
import { PgmateError } from "../errors.ts";
import { type ForceWrite, writeForced } from "../pg/force.ts";
import { ensureLedger } from "../pg/ledger.ts";
import type { RunLock } from "../pg/lock.ts";
import { type Context, interruption, throwIfInterrupted } from "./context.ts";
import { leftBehind } from "./left-behind.ts";
import { listed } from "./disorder.ts";
import type { ForcedEntry, Outcome } from "./events.ts";
import { checksumOf, listFiles } from "./migrations.ts";
import { openTarget, type OpenTarget, readRecords, type Records } from "./open-target.ts";
import { releaseRunLock, takeRunLock } from "./run-lock.ts";
import type { SchemaDumper } from "./schema-text.ts";
import { serverMove } from "./step-error.ts";
import { surveyedEntry } from "./survey.ts";
import { ledgerPlace, lockTimeoutOf } from "./target.ts";

/**
 * With nothing to change it takes no lock and writes nothing. Asks, where somebody can be asked,
 * before it takes the lock: whoever thinks about it keeps no run waiting.
 */
export async function force(context: Context, version: string): Promise<Outcome> {
  const { dryRun } = context.config;
  const request = forceRequest(context, version);
  const files = listFiles(context);
  const open = await openTarget(context, { purpose: dryRun ? "look" : "write", missing: "refuse" });
  try {
    const asked = { open, files, request };
    const glance = await decide(context, asked);
    if (request.kind === "up-to") tellDisorder(context, glance.history);
    const { file, versions } = glance.forced;
    const entries = versions.map(surveyedEntry);
    const told = { kind: "forced", file, scope: request.kind, entries } as const;
    if (entries.length === 0) return { ...told, did: "nothing" };
    if (dryRun) return { ...told, did: "looked" };
    return await forceFor(context, asked, { glance, entries });
  } finally {
    await open.close();
  }
}

/** What was seen and shown before the lock was taken. */
interface Seen {
  readonly glance: Decision;
  readonly entries: readonly ForcedEntry[];
}

async function forceFor(context: Context, asked: Asked, seen: Seen): Promise<Outcome> {
  const { open, request } = asked;
  const { file } = seen.glance.forced;
  const told = { kind: "forced", file, scope: request.kind } as const;
  const { yes, dumpsSchema } = context.config;
  if (!yes && (await ask(context, seen.entries)) === "no") {
    return { ...told, entries: seen.entries, did: "declined" };
  }
  const dumper = dumpsSchema ? await loadDumper(context) : undefined;
  const lock = await takeRunLock(context, open, seen.glance.ledger);
  try {
    const decision = await decide(context, asked);
    const same = isSame(decision, seen.glance);
    const entries = same ? seen.entries : decision.forced.versions.map(surveyedEntry);
    if (entries.length === 0) return { ...told, entries, did: "nothing" };
    if (yes) context.emit({ kind: "forcing", entries });
    // Somebody else was quicker: what was agreed to is not what would be done.
    else if (!same && (await ask(context, entries)) === "no") {
      return { ...told, entries, did: "declined" };
    }
    const leftovers = await leftBehind(open.connection.session, decision.forced);
    await write(context, { open, lock, decision, dumper });
    for (const message of leftovers) context.emit({ kind: "warning", message });
    return { ...told, entries, did: "changed" };
  } finally {
    await releaseRunLock(context, lock, open);
  }
}

function forceRequest({ config }: Context, version: string): ForceRequest {
  const { only, applied, pending } = config;
  if (!only && !applied && !pending) return { kind: "up-to", version };
  if (only && applied !== pending) {
    return { kind: "only", version, state: applied ? "applied" : "pending" };
  }
  const reason = only
    ? "--only needs either --applied or --pending"
    : "--applied and --pending are for one version, with --only";
  throw new PgmateError("usage", reason, {
    hint:
      `\`pgmate force --only ${version} --applied\` or ` +
      `\`pgmate force --only ${version} --pending\``,
    state: "nothing was changed",
  });
}

interface Asked {
  readonly open: OpenTarget;
  readonly files: readonly MigrationFile[];
  readonly request: ForceRequest;
}

interface Decision extends Records {
  readonly history: History;
  readonly forced: Forced;
}

async function decide(context: Context, { open, files, request }: Asked): Promise<Decision> {
  const { ledger, journal } = await readRecords(context, open);
  const { rows, versionKind } = ledger;
  const history = reconcile(files, rows, versionKind, journal.rows);
  const forced = forcedBy(history, { rows: journal.rows, versionKind }, request);
  return { ledger, journal, history, forced };
}

/** Whether both would change the same things, for which the same was known. */
function isSame(one: Decision, other: Decision): boolean {
  return JSON.stringify(one.forced) === JSON.stringify(other.forced);
}

function tellDisorder(context: Context, { missing, mixedWidths }: History): void {
  const warn = (message: string): void => context.emit({ kind: "warning", message });
  if (mixedWidths) {
    warn(
      "versions have different widths, and files stand in the order of their names: " +
        "10_x.sql comes before 9_x.sql",
    );
  }
  const versions = missing.map(({ version }) => version);
  if (versions.length === 1) {
    warn(`version ${listed(versions)} is applied but has no file here: its row stays`);
  }
  if (versions.length > 1) {
    warn(
      `${versions.length} versions are applied but have no files here: ${listed(versions)}; ` +
        "their rows stay",
    );
  }
}

async function ask(context: Context, entries: readonly ForcedEntry[]): Promise<"yes" | "no"> {
  context.emit({ kind: "forcing", entries });
  if (context.confirm === undefined) {
    throw new PgmateError("usage", "there is nobody to ask: no terminal, and no --yes", {
      hint: `if that is what should be done: \`${context.identity.invocation} --yes\``,
      state: "nothing was changed",
    });
  }
  throwIfInterrupted(context, "nothing was changed");
  const answer = await context.confirm("Go on?");
  throwIfInterrupted(context, "nothing was changed");
  return answer;
}

async function loadDumper(context: Context): Promise<SchemaDumper> {
  const { prepareDump } = await import("./schema-text.ts");
  return prepareDump(context, []);
}

interface Write {
  readonly open: OpenTarget;
  readonly lock: RunLock;
  readonly decision: Decision;
  readonly dumper: SchemaDumper | undefined;
}

async function write(context: Context, { open, lock, decision, dumper }: Write): Promise<void> {
  const { session } = open.connection;
  const { forced, journal } = decision;
  const lockTimeoutMs = lockTimeoutOf(context, open.connection);
  const inserted = newRows(context, forced);
  const ledger = inserted.length === 0
    ? decision.ledger
    : await ensureLedger(session, decision.ledger, {
        lockTimeoutMs,
        place: ledgerPlace(context, open.target),
        onSchema: (name) => context.emit({ kind: "creating-schema", name }),
        onNotice: (message) => context.emit({ kind: "warning", message }),
      });
  throwIfInterrupted(context, "nothing was changed");
  const deleted = forced.versions.filter(({ row }) => row === "delete");
  try {
    await writeForced(session, lock, {
      table: ledger.name,
      columns: ledger.columns,
      inserted,
      deleted: deleted.map(({ version }) => version),
      journal: journal.name,
      forgotten: forced.forgotten,
      lockTimeoutMs,
    });
  } catch (error) {
    throw error instanceof PgmateError ? writeError(context, error) : error;
  }
  if (dumper === undefined) return;
  const { dumpAfterRun } = await import("./schema-file.ts");
  await dumpAfterRun(context, { open, ledger, dumper, did: "the ledger was changed" });
}

function newRows(context: Context, { versions }: Forced): ForceWrite["inserted"] {
  return versions.flatMap(({ version, file, row }) => {
    if (file === undefined || row !== "insert") return [];
    const checksum = checksumOf(file);
    if (checksum === undefined) {
      const message = `${file.path} cannot be parsed, so that its row is without a checksum`;
      context.emit({ kind: "warning", message });
    }
    const { description } = file;
    return [{ version, description, ...(checksum === undefined ? {} : { checksum }) }];
  });
}

/** What has no hint yet; after a loss the same command finds out and does only what is left. */
function writeError(context: Context, error: PgmateError): PgmateError {
  const again = `run \`${context.identity.invocation}\` again`;
  if (error.code === "connect-lost") {
    const state = "whether the ledger was changed is not known";
    if (context.signal.aborted) return interruption(context, `${state}; \`pgmate status\` tells`);
    return new PgmateError("unknown-outcome", error.message, {
      state,
      hint: `when the server is back, ${again}: it does only what is left to do`,
      cause: error,
    });
  }
  if (error.server === undefined) return error;
  const move = serverMove(error.server) ?? "look at the rights and triggers of that table";
  return error.with({ hint: `${move}, then ${again}` });
}
