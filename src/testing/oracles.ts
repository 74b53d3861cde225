/** Other programs that some tests compare pgmate with, and what installs them. */
import { test } from "bun:test";
import { existsSync, readdirSync, realpathSync } from "node:fs";
import { basename, join } from "node:path";

/** The programs, under the names they have on PATH, each with the package that holds it. */
const programs = {
  psql: { names: ["psql"], packages: "postgresql-client" },
  pg_dump: { names: ["pg_dump"], packages: "postgresql-client" },
  pgbouncer: { names: ["pgbouncer"], packages: "pgbouncer" },
  chromium: { names: ["chromium", "chromium-browser", "google-chrome"], packages: "chromium" },
  openssl: { names: ["openssl"], packages: "openssl" },
  patch: { names: ["patch"], packages: "patch" },
  bash: { names: ["bash"], packages: "bash" },
  zsh: { names: ["zsh"], packages: "zsh" },
  fish: { names: ["fish"], packages: "fish" },
  man: { names: ["man"], packages: "man-db" },
  groff: { names: ["groff"], packages: "groff-base" },
  mandoc: { names: ["mandoc"], packages: "mandoc" },
  "systemd-analyze": { names: ["systemd-analyze"], packages: "systemd" },
} as const satisfies Readonly<Record<string, Program>>;

interface Program {
  readonly names: readonly string[];
  readonly packages: string;
}

const debianClients = "/usr/lib/postgresql";

export type OracleName = keyof typeof programs;

/** The path of the program, or undefined where it is not installed. */
export function oracle(name: OracleName): string | undefined {
  // Debian puts servers such as pgbouncer where only root's PATH leads.
  const path = `${process.env["PATH"] ?? ""}:/usr/local/sbin:/usr/sbin`;
  for (const candidate of programs[name].names) {
    const found = Bun.which(candidate, { PATH: path });
    if (found !== null) return unwrapped(candidate, found);
  }
  return undefined;
}

/**
 * Of Debian's Postgres clients PATH holds but a Perl program, which looks for the newest of them
 * each time, and that is more work than theirs.
 */
function unwrapped(name: string, program: string): string {
  if (basename(realpathSync(program)) !== "pg_wrapper") return program;
  const entries = existsSync(debianClients) ? readdirSync(debianClients) : [];
  const versions = entries.map(Number).filter(Number.isInteger).toSorted((a, b) => b - a);
  const paths = versions.map((version) => join(debianClients, String(version), "bin", name));
  return paths.find((path) => existsSync(path)) ?? program;
}

/** A test that needs the program; where it is missing, says aloud that nothing was proven. */
export function testWithOracle(
  name: OracleName,
  title: string,
  run: (path: string) => void | Promise<void>,
  timeoutMs = 240_000,
): void {
  const path = oracle(name);
  if (path !== undefined) {
    test(title, () => run(path), timeoutMs);
    return;
  }
  const cure = `apt-get install ${programs[name].packages}`;
  process.stderr.write(`SKIPPED, ${name} is not installed (${cure}): ${title}\n`);
  test.skip(title, () => undefined);
}
