// Measures up, status --long and rollback with files of 1 GiB: time, MiB a second, peak memory.
import { closeSync, mkdtempSync, openSync, rmSync, statSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { measure } from "../../src/testing/peak.ts";
import { server, type TestServer } from "../../src/testing/servers.ts";

const mebibyte = 2 ** 20;
const limitMiB = 200;

type Write = (text: string) => void;

interface Case {
  readonly name: string;
  readonly option: "" | " transaction:false";
  readonly mebibytes: number;
  /** Writes SQL of about so many bytes that fills the table t. */
  readonly write: (write: Write, bytes: number) => void;
  /** What pgmate says instead of running it. */
  readonly refusal?: string;
}

const words = "the quick brown fox jumps over the lazy dog ".repeat(25);

const insertsPerGiB = 4_000_000;

const inserts: Case["write"] = (write, bytes) => {
  const count = Math.round(insertsPerGiB * (bytes / 2 ** 30));
  const body = words.slice(0, 220);
  for (let row = 0; row < count; row += 1) write(`insert into t values (${row}, '${body}');\n`);
};

/** By what 1 GiB of it is. */
const bodies: Readonly<Record<string, Case["write"]>> = {
  "COPY data": (write, bytes) => {
    write("copy t (id, body) from stdin;\n");
    const line = words.slice(0, 120);
    const count = Math.ceil(bytes / (line.length + 9));
    for (let row = 0; row < count; row += 1) write(`${String(row).padStart(7, "0")}\t${line}\n`);
    write("\\.\n");
  },
  "4 million INSERTs": inserts,
  "statements of 256 KiB": (write, bytes) => {
    const rows = Array(260).fill(`(0, '${words.slice(0, 1000)}')`).join(", ");
    const statement = `insert into t values ${rows};\n`;
    for (let sent = 0; sent < bytes; sent += statement.length) write(statement);
  },
};

const oneStatement: Case["write"] = (write, bytes) => {
  write("insert into t values (1, '");
  for (let sent = 0; sent < bytes; sent += mebibyte) write("x".repeat(mebibyte));
  write("');\n");
};

function cases(mebibytes: number): readonly Case[] {
  const options = ["", " transaction:false"] as const;
  const large = Object.entries(bodies).flatMap(([name, write]) =>
    options.map((option): Case => {
      // A commit for each of so many would take hours.
      const isSlow = write === inserts && option !== "";
      if (!isSlow) return { name, option, mebibytes, write };
      return { name: `${name}, a sixteenth`, option, mebibytes: mebibytes / 16, write };
    }),
  );
  const name = "one statement";
  const refusal = "longer than 1000 MiB";
  return [
    ...large,
    { name, option: "", mebibytes: 300, write: oneStatement },
    { name, option: "", mebibytes: 1100, write: oneStatement, refusal },
  ];
}

async function main(mebibytes: number, wanted: string): Promise<number> {
  const it = await server(18);
  const folder = mkdtempSync(join(tmpdir(), "pgmate-size-"));
  let worst = 0;
  console.log("| what | file | run | time | MiB/s | peak |\n|---|--:|---|--:|--:|--:|");
  try {
    for (const one of cases(mebibytes)) {
      if (!`${one.name}${one.option}`.includes(wanted)) continue;
      const peak = await measureCase(it, folder, one);
      // What is one statement has to be in memory as a whole.
      if (one.write !== oneStatement) worst = Math.max(worst, peak);
    }
  } finally {
    rmSync(folder, { recursive: true });
    await it.stop();
  }
  console.log(`\nworst peak: ${worst.toFixed(0)} MiB, allowed are ${limitMiB}`);
  return worst > limitMiB ? 1 : 0;
}

/** The same body in the up and in the down section, so that a rollback is as large. */
async function measureCase(it: TestServer, folder: string, one: Case): Promise<number> {
  const directory = mkdtempSync(join(folder, "m-"));
  const file = join(directory, "2_big.sql");
  const first = "-- migrate:up\ncreate unlogged table t (id int, body text);\n-- migrate:down\n";
  writeText(join(directory, "1_table.sql"), (write) => write(first));
  writeText(file, (write) => {
    for (const direction of ["up", "down"]) {
      write(`-- migrate:${direction}${one.option}\ntruncate t;\n`);
      one.write(write, one.mebibytes * mebibyte);
    }
  });
  const size = statSync(file).size / mebibyte;
  const { url, query, name } = await it.freshDatabase();
  const runs = [["up"], ["status", "--long"], ["rollback"], ["up", "--dry-run"]];
  let worst = 0;
  for (const run of one.refusal === undefined ? runs : runs.slice(0, 1)) {
    const flags = ["--url", url, "-d", directory, "--no-dump-schema"];
    const { seconds, peakMiB, status, stderr } = await measure([...flags, ...run], folder);
    worst = Math.max(worst, peakMiB);
    // A run in one direction reads the file once to check it, and half of it to run it.
    const rate = (size / (run.length > 1 ? 1 : 2) / seconds).toFixed(0);
    const columns = [
      `${one.name}${one.option}`, `${size.toFixed(0)} MiB`, run.join(" "),
      `${seconds.toFixed(1)} s`, one.refusal === undefined ? rate : "refused",
      `${peakMiB.toFixed(0)} MiB`,
    ];
    console.log(`| ${columns.join(" | ")} |`);
    const isRefused = one.refusal !== undefined && stderr.includes(one.refusal) && status === 2;
    if (status !== 0 && !isRefused) throw new Error(`${run.join(" ")}: ${status}: ${stderr}`);
  }
  const [row] = await query("select pg_catalog.to_regclass('schema_migrations') is null as none");
  const left = row?.["none"] === true ? [] : await query("select version from schema_migrations");
  if (left.some(({ version }) => version === "2")) throw new Error("version 2 is still applied");
  await it.query("postgres", `drop database "${name}"`);
  rmSync(directory, { recursive: true });
  return worst;
}

function writeText(path: string, fill: (write: Write) => void): void {
  const descriptor = openSync(path, "w");
  let held = "";
  fill((piece) => {
    held += piece;
    if (held.length < mebibyte) return;
    writeSync(descriptor, held);
    held = "";
  });
  writeSync(descriptor, held);
  closeSync(descriptor);
}

process.exit(await main(Number(process.argv[2] ?? 1024), process.argv[3] ?? ""));
