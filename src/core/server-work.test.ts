/** Rows of the progress views as a sentence, phase by phase. */

import { expect, test } from "bun:test";
import { describeWork, type ProgressRow, type ProgressView, serverWork } from "./server-work.ts";

const cases: readonly (readonly [view: ProgressView, row: ProgressRow, expected: string])[] = [
  ["create_index", { phase: "initializing" }, "initializing"],
  ["create_index", { phase: "building index: scanning table", blocks_done: 43, blocks_total: 99 },
    "building index: scanning table 43 %"],
  ["create_index", { phase: "building index: scanning table", blocks_done: 0, blocks_total: 99 },
    "building index: scanning table"],
  ["create_index",
    {
      phase: "building index: loading tuples in tree", blocks_done: 99, blocks_total: 99,
      tuples_done: 5, tuples_total: 20,
    }, "building index: loading tuples in tree 25 %"],
  ["create_index",
    { phase: "waiting for old snapshots", lockers_done: 1, lockers_total: 3, blocks_total: 9 },
    "waiting for old snapshots (1 of 3 done)"],
  ["create_index",
    {
      phase: "building index: scanning table", blocks_done: 999, blocks_total: 1000,
      partitions_done: 2, partitions_total: 8,
    }, "building index: scanning table (partition 3 of 8) 99 %"],
  ["copy", { command: "COPY FROM", tuples_processed: 1234567, bytes_processed: 9, bytes_total: 0 },
    "copying: 1,234,567 rows"],
  ["copy", { tuples_processed: 0, bytes_processed: 0, bytes_total: 0 }, "copying"],
  ["copy", { tuples_processed: 5, bytes_processed: 75, bytes_total: 100 }, "copying 75 %"],
  ["vacuum", { phase: "scanning heap", heap_blks_scanned: 1, heap_blks_total: 4 },
    "vacuum: scanning heap 25 %"],
  ["vacuum",
    {
      phase: "vacuuming heap", heap_blks_scanned: 4, heap_blks_vacuumed: 2, heap_blks_total: 4,
    }, "vacuum: vacuuming heap 50 %"],
  ["vacuum", { phase: "vacuuming indexes", heap_blks_scanned: 4, heap_blks_total: 4 },
    "vacuum: vacuuming indexes"],
  ["cluster",
    {
      command: "VACUUM FULL", phase: "seq scanning heap", heap_blks_scanned: 3, heap_blks_total: 4,
    }, "vacuum full: seq scanning heap 75 %"],
  ["cluster",
    { command: "CLUSTER", phase: "index scanning heap", heap_tuples_scanned: 1000 },
    "cluster: index scanning heap: 1,000 tuples"],
  ["cluster",
    {
      command: "CLUSTER", phase: "writing new heap", heap_tuples_scanned: 10,
      heap_tuples_written: 4,
    }, "cluster: writing new heap 40 %"],
  ["cluster",
    { command: "CLUSTER", phase: "rebuilding index", heap_blks_scanned: 4, heap_blks_total: 4 },
    "cluster: rebuilding index"],
  ["analyze",
    { phase: "acquiring sample rows", sample_blks_scanned: 3, sample_blks_total: 30 },
    "analyze: acquiring sample rows 10 %"],
  ["analyze",
    { phase: "computing statistics", sample_blks_scanned: 30, sample_blks_total: 30 },
    "analyze: computing statistics"],
];

test.each(cases)("%s %j", (view, row, expected) => {
  expect(describeWork(serverWork(view, row))).toBe(expected);
});

test("a counter past its total is not above 100 %", () => {
  expect(describeWork({ what: "x", done: 7, total: 5, unit: "blocks" })).toBe("x 100 %");
});
