/** The connection's own password, in whatever the files and the server say of it, stays unseen. */
import { beforeAll, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { server, type TestServer } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const password = "zeb quo@7/x'ü";
const sql = `'${password.replaceAll("'", "''")}'`;

let it: TestServer;
beforeAll(async () => {
  it = await server(17);
  await it.query("postgres", `create role zeb login superuser password ${sql}`);
});

/** Each repeats the password, where no pattern would take it for one. */
const failing: readonly (readonly [name: string, sql: string])[] = [
  ["a value that is no number", `select ${sql}::int;`],
  ["a detail", `create table t (a text unique); insert into t values (${sql}), (${sql});`],
  ["an error of its own", `do $$ begin raise exception '%', ${sql} using hint = ${sql}; end $$;`],
  ["a notice", `do $$ begin raise warning 'it is %', ${sql}; end $$; select x;`],
  ["a context", `do $$ begin execute 'select x, ' || quote_literal(${sql}); end $$;`],
  ["the line of the file", `select 1, x, ${sql};`],
  ["a line that is cut", `select x /* ${"y".repeat(73)} */, ${sql};`],
  ["a URL in the line", `select x, 'postgres://zeb:${encodeURIComponent(password)}@h/d';`],
];

async function everything(it: Trial, args: readonly string[], env: Record<string, string>) {
  const { status, stdout, stderr } = await it.pgmate(args, env);
  const rows = await it.query(
    "select coalesce(string_agg(t::text, ' '), '') as text from schema_migrations t",
  ).catch(() => []);
  const journal = await it.query(
    "select coalesce(string_agg(t::text, ' '), '') as text from schema_migrations_progress t",
  ).catch(() => []);
  return { status, text: [stdout, stderr, JSON.stringify([rows, journal])].join("\n") };
}

describe.each([
  ["in one transaction", pair, []],
  ["unit by unit", units, []],
  ["as JSON", pair, ["--json"]],
  ["as a log", units, ["--log-format=json", "--log-level=debug"]],
] as const)("%s", (_, file, flags) => {
  test.each(failing)("%s", async (_name, up) => {
    await using project = await trial(it, { "1_x.sql": file(up) });
    const url = new URL(project.database.url);
    const place = `${url.host}${url.pathname}`;
    const passfile = join(project.project.folder, "passfile");
    const escaped = password.replace(/[\\:]/g, "\\$&");
    await writeFile(passfile, `*:*:*:zeb:${escaped}\n`, { mode: 0o600 });
    const ways: readonly Record<string, string>[] = [
      { DATABASE_URL: `postgres://zeb:${encodeURIComponent(password)}@${place}` },
      { DATABASE_URL: `postgres://zeb:${password}@${place}` },
      { DATABASE_URL: `postgres://zeb@${place}`, PGPASSWORD: password },
      { DATABASE_URL: `postgres://zeb@${place}`, PGPASSFILE: passfile },
    ];
    for (const env of ways) {
      const { status, text } = await everything(project, ["up", ...flags], env);
      expect(status).toBe(2);
      expect(text).toContain("***");
      for (const trace of ["zeb quo", "quo@7", "zeb%20quo", "quo%40", "7/x'"]) {
        expect(text).not.toContain(trace);
      }
    }
  });
});
