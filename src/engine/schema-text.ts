/** Makes the text of the schema file from an open target, by the carried pg_dump or another. */

import { dumpFailure, type DumpProgram, dumpWarnings } from "../core/dump-failure.ts";
import {
  checkDumpOptions, dumpOptions, type DumpScope, dumpSessionSettings,
} from "../core/dump-options.ts";
import { cleanDump, versionsText } from "../core/dump-text.ts";
import { quoteTable, searchPathItems } from "../core/identifier.ts";
import { journalName } from "../core/journal.ts";
import { PgmateError } from "../errors.ts";
import { resetStatements } from "../pg/apply.ts";
import {
  readNamedScope, readVersionsWithin, type RecordedVersions,
} from "../pg/dump-scope.ts";
import { findJournals, isJournal } from "../pg/journal.ts";
import type { Ledger } from "../pg/ledger.ts";
import { carriedMajorVersion, leaveDump, loadPgDump, type PgDump } from "../pg/pg-dump.ts";
import type { Session } from "../pg/session.ts";
import { type Context, throwIfInterrupted } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";

/** How long a dump waits for a table that another session has locked; its own options say else. */
const lockWaitMs = 10_000;

/** A dump that is being prepared: loading goes on while other work is done. */
export interface SchemaDumper {
  /**
   * Leaves the session as it was when it began. Throws `dump`, `tool`, `server`, `connect-lost`
   * and `interrupted`.
   */
  text(open: OpenTarget, ledger: Ledger): Promise<Uint8Array>;
}

/** Throws `usage` for options that pgmate must keep to itself. */
export function prepareDump(context: Context, passedOn: readonly string[]): SchemaDumper {
  const asked = [...context.config.dumpOptions, ...passedOn];
  checkDumpOptions(asked);
  const loading = context.config.pgDumpProgram === "" ? loadPgDump() : undefined;
  // Whoever waits for it is told; a run that never comes to its dump need not be.
  loading?.catch(() => undefined);
  return {
    text: async (open, ledger) => {
      const { session, settingsSql } = open.connection;
      await begin(open);
      try {
        const options = dumpOptions(await scopeOf(open, ledger), asked);
        const run = { open, ledger, options };
        const made = loading === undefined
          ? await installedDump(context, run)
          : await carriedDump(context, await loading, run);
        return textOf(open, made);
      } finally {
        await leaveDump(session, settingsSql);
      }
    },
  };
}

/** pg_dump's own first line, whatever its options. */
const title = "-- PostgreSQL database dump\n";

interface Made {
  readonly text: Uint8Array;
  /** Undefined where there is no ledger. */
  readonly recorded: RecordedVersions | undefined;
}

function textOf(open: OpenTarget, { text, recorded }: Made): Uint8Array {
  if (!Buffer.from(text.buffer, text.byteOffset, text.length).includes(title)) {
    throw new PgmateError("dump", "what pg_dump wrote is no dump in SQL", {
      hint: "is --pg-dump the path of a pg_dump, and is one of its options the cause?",
    });
  }
  const cleaned = cleanDump(text, {
    serverMajor: majorVersion(open),
    publicSchema: namedSchemas(open) === undefined ? "keep" : "drop",
  });
  // An option may have left the table out; rows for it could not be loaded.
  const isThere = recorded !== undefined && Buffer.from(cleaned).includes(` ${recorded.table} `);
  const block = isThere ? versionsText(recorded.table, recorded.versions) : versionsText("", []);
  return Buffer.concat([cleaned, Buffer.from(block)]);
}

/** The schemas that the URL's search_path names; undefined where it names none. */
function namedSchemas({ target }: OpenTarget): readonly string[] | undefined {
  const path = target.kind === "server" ? target.searchPath : undefined;
  const items = path === undefined ? [] : searchPathItems(path);
  return items.length === 0 ? undefined : items;
}

async function scopeOf(open: OpenTarget, ledger: Ledger): Promise<DumpScope> {
  const { session, facts } = open.connection;
  const { schema } = ledger.name;
  const journal = journalName(ledger.name);
  const items = namedSchemas(open);
  const found = await findJournals(session);
  const own = (await isJournal(session, journal)) ? [journal] : [];
  const others = found.filter((one) => quoteTable(one) !== quoteTable(journal));
  const ownTables = [...own, ...others];
  const whole = { schemas: undefined, extensions: [], ownTables, lockWaitMs };
  if (items === undefined) return whole;
  const also = { user: facts.user, ledger: ledger.exists ? schema : undefined };
  return { ...whole, ...(await readNamedScope(session, items, also)) };
}

function majorVersion({ connection }: OpenTarget): number {
  return Number.parseInt(connection.facts.serverVersion, 10);
}

interface DumpRun {
  readonly open: OpenTarget;
  readonly ledger: Ledger;
  readonly options: readonly string[];
}

/** It sees what this session's snapshot sees, so that text and versions are of one moment. */
async function installedDump(context: Context, run: DumpRun): Promise<Made> {
  const { dumpWithProgram } = await import("./installed-dump.ts");
  const { session } = run.open.connection;
  await session.send("set idle_in_transaction_session_timeout = 0");
  await session.send("begin isolation level repeatable read read only");
  const [exported] = await session.rowsWithin("select pg_catalog.pg_export_snapshot() as id");
  const options = [...run.options, `--snapshot=${String(exported?.["id"])}`];
  const text = await dumpWithProgram(context, run.open, options);
  return { text, recorded: await recordedIn(session, run.ledger) };
}

async function carriedDump(
  context: Context,
  pgDump: PgDump,
  { open, ledger, options }: DumpRun,
): Promise<Made> {
  const { session, facts } = open.connection;
  const major = majorVersion(open);
  if (major > carriedMajorVersion) throw newerServer(major);
  // A wish to stop that comes between two messages is heard by none of them.
  throwIfInterrupted(context, "nothing was written");
  const dumped = await pgDump.run(session, { ...facts, args: options });
  if (dumped.kind === "failed") throw dumpFailure(dumped.said, carriedProgram);
  for (const message of dumpWarnings(dumped.said)) context.emit({ kind: "warning", message });
  return { text: dumped.text, recorded: await recordedIn(session, ledger) };
}

const carriedProgram: DumpProgram = {
  name: "pg_dump",
  instead: "see whether an installed one can: --pg-dump /usr/bin/pg_dump",
};

async function recordedIn(
  session: Session,
  ledger: Ledger,
): Promise<RecordedVersions | undefined> {
  if (!ledger.exists) return undefined;
  return readVersionsWithin(session, ledger.name, ledger.versionKind);
}

/** The last file of a run may have left settings, a role or temporary tables. */
async function begin({ connection }: OpenTarget): Promise<void> {
  const { session, settingsSql } = connection;
  const settings = dumpSessionSettings.map(([name, value]) => `set ${name} = '${value}'`);
  const sent = await session.send(
    [...resetStatements(settingsSql), ...settings].join(";\n"),
  );
  if (sent.kind === "done") return;
  if (session.transactionState !== "I") await session.send("rollback");
  throw new PgmateError("dump", `the session could not be prepared: ${sent.message.message}`, {
    server: sent.message,
    hint: "look into the server's log",
  });
}

function newerServer(major: number): PgmateError {
  return new PgmateError(
    "dump",
    `the server is PostgreSQL ${major}, which the pg_dump ${carriedMajorVersion} inside pgmate ` +
      "cannot read",
    { hint: `name an installed pg_dump of version ${major}: --pg-dump PATH` },
  );
}
