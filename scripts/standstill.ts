// Lets time and chance stand still, so that work that looks at them does the same each time.
import nodeCrypto from "node:crypto";

/** It ends up in the files of the embedded Postgres, as the time at which they were made. */
const now = Date.UTC(2026, 0, 1);
/** WebAssembly that waits for its clock would wait for ever, but PGlite does not. */
const sinceStartMs = 1_000;

/** Everything else in this process stands still meanwhile, too. */
export async function atStandstill<Result>(work: () => Promise<Result>): Promise<Result> {
  const before = {
    date: Date.now,
    since: performance.now,
    random: Math.random,
    values: crypto.getRandomValues,
    fill: nodeCrypto.randomFillSync,
  };
  Date.now = () => now;
  performance.now = () => sinceStartMs;
  Math.random = () => 0.5;
  crypto.getRandomValues = (array) => filled(array);
  nodeCrypto.randomFillSync = (array) => filled(array);
  try {
    return await work();
  } finally {
    Date.now = before.date;
    performance.now = before.since;
    Math.random = before.random;
    crypto.getRandomValues = before.values;
    nodeCrypto.randomFillSync = before.fill;
  }
}

function filled<Given>(array: Given): Given {
  if (ArrayBuffer.isView(array)) {
    new Uint8Array(array.buffer, array.byteOffset, array.byteLength).fill(7);
  }
  return array;
}
