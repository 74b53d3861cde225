// Times pgmate beside dbmate and psql, pair by pair, and prints the README's table of it.
import { readFileSync, writeFileSync } from "node:fs";
import { cpus } from "node:os";
import { join } from "node:path";
import { startServer, type TestServer } from "../../src/testing/servers.ts";
import { type Contest, hold, verdictRow } from "./contest.ts";
import { copyContests } from "./copy.ts";
import { historyContests, startContests } from "./history.ts";
import { farContests, upContests } from "./ups.ts";

const usage = `bun scripts/bench/all.ts [--rounds N] [--only WORD] [--write]
  --rounds N   of the quick ones; the slow ones take fewer (default 30)
  --only WORD  only the rows whose name holds it
  --write      put the table into README.md`;

/** Of `verdictRow`. */
const boundColumn = 4;

interface Wish {
  readonly rounds: number;
  readonly only: string;
  readonly write: boolean;
}

function wishOf(words: readonly string[]): Wish | undefined {
  const value = (name: string, fallback: string): string => {
    const at = words.indexOf(name);
    return at === -1 ? fallback : (words[at + 1] ?? "");
  };
  const rounds = Number(value("--rounds", "30"));
  if (!Number.isInteger(rounds) || rounds < 1 || words.includes("--help")) return undefined;
  return { rounds, only: value("--only", ""), write: words.includes("--write") };
}

async function main(): Promise<number> {
  const wish = wishOf(process.argv.slice(2));
  if (wish === undefined || Bun.which("psql") === null || Bun.which("pg_dump") === null) {
    console.error(`${usage}\nIt needs psql and pg_dump (apt-get install postgresql-client).`);
    return 2;
  }
  // As old as what Debian installs: a native pg_dump reads no server that is newer than itself.
  const it = await startServer({ version: 15 });
  const rows: (readonly string[])[] = [];
  try {
    for await (const contest of contests(it, wish)) {
      const row = verdictRow(await hold(contest));
      console.log(row.join(" | "));
      rows.push(row);
    }
  } finally {
    await it.stop();
  }
  console.log(`\n${tableOf(rows)}`);
  if (wish.write) writeTable(tableOf(rows));
  return 0;
}

async function* contests(it: TestServer, { rounds, only }: Wish): AsyncGenerator<Contest> {
  for (const make of [startContests, historyContests, upContests, farContests, copyContests]) {
    for await (const contest of make(it, rounds)) {
      if (contest.what.includes(only)) yield contest;
    }
  }
}

/** For people, who need not know what was aimed at. */
function tableOf(rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.filter((_cell, index) => index !== boundColumn));
  return [
    "| what | pgmate | beside it | ratio | peak | rounds |",
    "| --- | --: | --: | --: | --: | --: |",
    ...shown.map((row) => `| ${row.join(" | ")} |`),
    "",
    `${machine()}, ${new Date().toISOString().slice(0, 10)}; server 15 on the same machine, ` +
      "without TLS and without fsync.",
  ].join("\n");
}

function machine(): string {
  const all = cpus();
  return `${all.length} × ${all[0]?.model.trim() ?? "unknown processor"}, Bun ${Bun.version}`;
}

function writeTable(table: string): void {
  const path = join(import.meta.dir, "../../README.md");
  const marked = /(<!-- bench -->\n)[^]*?(\n<!-- end -->)/;
  const text = readFileSync(path, "utf8");
  if (!marked.test(text)) throw new Error("README.md has no <!-- bench -->");
  writeFileSync(path, text.replace(marked, (_, begin: string, end: string) => begin + table + end));
}

process.exit(await main());
