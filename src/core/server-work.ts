/** What a server says it is at while a statement runs, as its progress views tell. */

export interface ServerWork {
  /** `building index: scanning table`, `copying`. */
  readonly what: string;
  /** Of `unit`; 0 with no total where the server counts nothing. */
  readonly done: number;
  /** Undefined where the end is not known, as of a COPY. */
  readonly total: number | undefined;
  readonly unit: "blocks" | "tuples" | "rows" | "bytes" | "lockers";
}

/** The views pg_stat_progress_…, of which a session is in one at most. */
export const progressViews = ["create_index", "copy", "vacuum", "cluster", "analyze"] as const;
export type ProgressView = (typeof progressViews)[number];

/** A row of such a view, column by column. Versions differ in the columns that they have. */
export type ProgressRow = Readonly<Record<string, unknown>>;

/** What the row says; counters that do not belong to its phase are left out. */
export function serverWork(view: ProgressView, row: ProgressRow): ServerWork {
  const count = (column: string): number => Number(row[column] ?? 0);
  const phase = String(row["phase"] ?? "");
  switch (view) {
    case "create_index":
      return indexWork(phase, count);
    case "copy":
      return count("bytes_total") > 0
        ? amount("copying", "bytes", count("bytes_processed"), count("bytes_total"))
        : amount("copying", "rows", count("tuples_processed"), 0);
    case "vacuum": {
      const done = phase === "vacuuming heap" ? "heap_blks_vacuumed" : "heap_blks_scanned";
      const isOfHeap = phase === "scanning heap" || phase === "vacuuming heap";
      return blocks(`vacuum: ${phase}`, isOfHeap ? count(done) : 0, count("heap_blks_total"));
    }
    case "cluster":
      return clusterWork(`${String(row["command"]).toLowerCase()}: ${phase}`, phase, count);
    case "analyze":
      return blocks(
        `analyze: ${phase}`,
        phase.startsWith("acquiring") ? count("sample_blks_scanned") : 0,
        count("sample_blks_total"),
      );
  }
}

function indexWork(phase: string, count: (column: string) => number): ServerWork {
  const parts = count("partitions_total");
  const part = parts === 0 ? "" : ` (partition ${count("partitions_done") + 1} of ${parts})`;
  const what = `${phase}${part}`;
  if (phase.startsWith("waiting for")) {
    return amount(what, "lockers", count("lockers_done"), count("lockers_total"));
  }
  // The counter of blocks stays as the scan has left it when tuples are sorted and written.
  if (/tuples/.test(phase) || count("blocks_total") === 0) {
    return amount(what, "tuples", count("tuples_done"), count("tuples_total"));
  }
  return blocks(what, count("blocks_done"), count("blocks_total"));
}

function clusterWork(
  what: string,
  phase: string,
  count: (column: string) => number,
): ServerWork {
  switch (phase) {
    case "seq scanning heap":
      return blocks(what, count("heap_blks_scanned"), count("heap_blks_total"));
    case "writing new heap":
      return amount(what, "tuples", count("heap_tuples_written"), count("heap_tuples_scanned"));
    case "index scanning heap":
      return amount(what, "tuples", count("heap_tuples_scanned"), 0);
    default:
      return amount(what, "tuples", 0, 0);
  }
}

/** With nothing done yet a phase has often no counter at all: no end is told then. */
function blocks(what: string, done: number, total: number): ServerWork {
  return done === 0 ? amount(what, "blocks", 0, 0) : amount(what, "blocks", done, total);
}

/** A total of 0 is the server's way to say that it knows none. */
function amount(
  what: string,
  unit: ServerWork["unit"],
  done: number,
  total: number,
): ServerWork {
  return { what, unit, done, total: total > 0 ? total : undefined };
}

/** `building index: scanning table 43 %`, `copying: 1,200 rows`, `waiting … (1 of 3 done)`. */
export function describeWork(work: ServerWork): string {
  const { what, done, total, unit } = work;
  if (total === undefined) {
    return done === 0 ? what : `${what}: ${done.toLocaleString("en")} ${unit}`;
  }
  if (unit === "lockers") return `${what} (${done} of ${total} done)`;
  return `${what} ${Math.min(100, Math.floor((done / total) * 100))} %`;
}
