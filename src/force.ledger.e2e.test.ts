/** `force` on ledgers of every kind, on what refuses it, and on what the file no longer tells. */
import { describe, expect, test } from "bun:test";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { pgmate, temporaryProject } from "./testing/program.ts";
import { server } from "./testing/servers.ts";
import { pair, type Trial, trial, units } from "./testing/trial.ts";

const three = {
  "001_a.sql": pair("select 1;", "select 1;"),
  "002_b.sql": pair("select 2;", "select 2;"),
  "003_c.sql": pair("select 3;", "select 3;"),
};

async function versions(t: Trial, table = "schema_migrations"): Promise<readonly unknown[]> {
  const rows = await t.query(`select version::text as version from ${table} order by 1`);
  return rows.map((row) => row["version"]);
}

/** As a role that may do only what is granted to it. */
async function limited(t: Trial, grants: string): Promise<Readonly<Record<string, string>>> {
  const role = `limited_${t.database.name}`;
  await t.query(`create role ${role} login password 'x'; ${grants.replaceAll("$role", role)}`);
  const url = new URL(t.database.url);
  [url.username, url.password] = [role, "x"];
  return { DATABASE_URL: url.href };
}

const dbmates = "create table schema_migrations (version varchar(128) primary key);";

describe.concurrent("ledgers", () => {
  test("dbmate's: columns are added for new rows, old rows stay without a time", async () => {
    await using t = await trial(await server(15), three);
    await t.query(`${dbmates} insert into schema_migrations values ('001'), ('003')`);
    const ended = await t.pgmate(["force", "002", "--yes"]);
    expect(ended.stderr).toEndWith("002_b.sql: pending → applied\n003_c.sql: applied → pending\n");
    const rows = await t.query(
      "select version, applied_at is null as timeless, checksum is null as bare" +
        " from schema_migrations order by 1",
    );
    expect([...rows]).toEqual([
      { version: "001", timeless: true, bare: true },
      { version: "002", timeless: false, bare: false },
    ]);
  });

  test("dbmate's, of another owner: only the columns that it has", async () => {
    await using t = await trial(await server(18), three);
    const env = await limited(
      t, `${dbmates} grant select, insert, delete on schema_migrations to $role;`,
    );
    const ended = await t.pgmate(["force", "002", "--yes"], env);
    expect(ended.status).toBe(0);
    expect(ended.stderr).toContain("this role is not its owner");
    expect(await versions(t)).toEqual(["001", "002"]);
    const back = await t.pgmate(["force", "001", "--yes"], env);
    expect(back.status).toBe(0);
    expect(await versions(t)).toEqual(["001"]);
  });

  test("with numbers for versions", async () => {
    await using t = await trial(await server(15), three);
    await t.query("create table schema_migrations (version bigint primary key)");
    await t.query("insert into schema_migrations values (3)");
    const ended = await t.pgmate(["force", "002", "--yes"]);
    expect(ended.stderr).toEndWith(
      "001_a.sql: pending → applied\n002_b.sql: pending → applied\n003_c.sql: applied → pending\n",
    );
    expect(await versions(t)).toEqual(["1", "2"]);
    expect((await t.pgmate(["force", "--only", "001", "--pending", "--yes"])).status).toBe(0);
    expect(await versions(t)).toEqual(["2"]);
    expect((await t.pgmate(["force", "2", "--yes"])).stderr).toContain("did you mean 002?");
  });

  test("in another schema, with letters that need quotes, made for it", async () => {
    await using t = await trial(await server(18), three);
    const env = { DBMATE_MIGRATIONS_TABLE: `O'Brien "x".Led\\ger` };
    const ended = await t.pgmate(["force", "002", "--yes"], env);
    expect(ended.stdout).toStartWith("Creating schema: ");
    expect(ended.status).toBe(0);
    expect(await versions(t, `"O'Brien ""x"""."Led\\ger"`)).toEqual(["001", "002"]);
  });

  test("rows without a file stay, and are named", async () => {
    await using t = await trial(await server(15), three);
    await t.query(`${dbmates} insert into schema_migrations values ('0005'), ('009')`);
    const ended = await t.pgmate(["force", "001", "--yes"]);
    expect(ended.stderr).toContain(
      "Warning: 2 versions are applied but have no files here: 0005, 009; their rows stay\n",
    );
    expect(await versions(t)).toEqual(["0005", "001", "009"]);
  });

  test("rows nobody can read, two files of a version, golang-migrate's own table", async () => {
    await using t = await trial(await server(18), { ...three, "003_d.sql": pair("select 3;") });
    const twice = await t.pgmate(["force", "003", "--yes"]);
    expect(twice.stderr).toContain("2 files have version 003");
    expect(twice.status).toBe(2);
    await t.query(`${dbmates} insert into schema_migrations values ('abc')`);
    const unreadable = await t.pgmate(["force", "001", "--yes"]);
    expect(unreadable.stderr).toContain('the ledger holds "abc"');
    await t.query("alter table schema_migrations add column dirty bool");
    const foreign = await t.pgmate(["force", "001", "--yes"]);
    expect(foreign.stderr).toContain("golang-migrate's table");
    expect([twice, unreadable, foreign].map(({ stdout }) => stdout).join("")).toBe("");
    expect(await versions(t)).toEqual(["abc"]);
  });

  test("thousands of versions are a few statements", async () => {
    const numbers = Array.from({ length: 3_000 }, (_, at) => String(at + 1).padStart(5, "0"));
    const files = numbers.map((number): [string, string] => [`${number}_x.sql`, pair("select 1;")]);
    await using t = await trial(await server(18), Object.fromEntries(files));
    await t.query(`alter database "${t.database.name}" set log_statement = 'all'`);
    const mark = t.server.mark();
    expect((await t.pgmate(["force", "02999", "--yes"])).status).toBe(0);
    const back = await t.pgmate(["force", "00002", "--yes"]);
    expect(back.stdout).toBe("Forced: 00002_x.sql (2997 versions changed)\n");
    expect(await versions(t)).toEqual(["00001", "00002"]);
    const sent = t.server.statementsSince(mark, t.database.name);
    expect(sent.filter((sql) => sql.includes("02000"))).toHaveLength(2);
  });

  test("the embedded Postgres, and the schema file after it", async () => {
    const files = Object.entries(three).map(([name, text]) => [`db/migrations/${name}`, text]);
    await using project = await temporaryProject({ files: Object.fromEntries(files) });
    const at = { cwd: project.folder, env: { DATABASE_URL: "pglite:data" } };
    expect((await pgmate(["up", "--to", "001"], at)).status).toBe(0);
    const ended = await pgmate(["force", "002", "--yes"], at);
    expect(ended.stdout).toBe(
      "Writing: ./db/schema.sql\nForced: 002_b.sql (1 version changed)\n",
    );
    const schema = readFileSync(join(project.folder, "db/schema.sql"), "utf8");
    expect(schema).toContain("('001'),\n    ('002');");
    expect((await pgmate(["version"], at)).stdout).toBe("002\ndirty: false\n");
  });
});

describe.concurrent("nothing is changed", () => {
  test("by a dry run, and where there is nothing to change", async () => {
    await using t = await trial(await server(15), three);
    const env = { DBMATE_NO_DUMP_SCHEMA: "false" };
    const looked = await t.pgmate(["force", "002", "--dry-run"], env);
    expect(looked.stdout).toBe("001_a.sql: pending → applied\n002_b.sql: pending → applied\n");
    expect([looked.status, looked.stderr]).toEqual([0, ""]);
    const none = await t.pgmate(["force", "--only", "002", "--pending"], env);
    expect(none.stdout).toBe("Nothing to change: 002_b.sql is so already\n");
    const [made] = await t.query("select to_regclass('schema_migrations') as ledger");
    expect(made?.["ledger"]).toBeNull();
    await t.query(`${dbmates} insert into schema_migrations values ('001')`);
    const same = await t.pgmate(["force", "001"], env);
    expect(same.stdout).toBe(
      "Nothing to change: the files up to 001_a.sql are applied, those after it pending\n",
    );
    expect([none.status, same.status]).toEqual([0, 0]);
    expect(existsSync(join(t.project.folder, "db/schema.sql"))).toBe(false);
  });

  test("where a trigger undoes it", async () => {
    await using t = await trial(await server(18), three);
    await t.query(
      `${dbmates} create function f() returns trigger language plpgsql as 'begin return null; end';
       create trigger t before insert or delete on schema_migrations
         for each row when (pg_trigger_depth() = 0) execute function f()`,
    );
    const added = await t.pgmate(["force", "001", "--yes"]);
    expect(added.stderr).toContain("did not keep what was written to it");
    await t.query("alter table schema_migrations disable trigger t");
    await t.query("insert into schema_migrations values ('002')");
    await t.query("alter table schema_migrations enable trigger t");
    const gone = await t.pgmate(["force", "--only", "002", "--pending", "--yes"]);
    expect(gone.stderr).toContain("did not keep what was written to it");
    expect([added.status, gone.status]).toEqual([2, 2]);
    expect(await versions(t)).toEqual(["002"]);
  });

  test("where the role may not write: the journal stays too", async () => {
    await using t = await trial(await server(15), three);
    const env = await limited(
      t,
      `${dbmates} create table schema_migrations_progress (version varchar, direction text,
         unit int, hash text, state text, error text, note text);
       insert into schema_migrations values ('001'), ('002');
       insert into schema_migrations_progress values ('002', 'down', 1, 'x', 'done');
       grant select, insert on schema_migrations to $role;
       grant select, delete on schema_migrations_progress to $role;`,
    );
    const ended = await t.pgmate(["force", "001", "--yes"], env);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("permission denied for table schema_migrations (SQLSTATE");
    expect(ended.stderr).toContain("State: nothing was changed\n");
    expect(ended.stderr).toContain("then run `pgmate force 001 --yes` again");
    expect(await versions(t)).toEqual(["001", "002"]);
    expect(await versions(t, "schema_migrations_progress")).toEqual(["002"]);
  });

  test("where somebody else has the ledger: no longer than --lock-timeout", async () => {
    await using t = await trial(await server(18), three);
    await t.query(`${dbmates} insert into schema_migrations values ('002')`);
    const held = t.query("begin; lock table schema_migrations in share mode; select pg_sleep(6)");
    await Bun.sleep(500);
    const ended = await t.pgmate(["force", "001", "--yes", "--lock-timeout", "300ms"]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain("(SQLSTATE 55P03)");
    expect(ended.stderr).toContain("State: nothing was changed\n");
    await held;
    expect(await versions(t)).toEqual(["002"]);
  });
});

test("a file that cannot be parsed has a row without a checksum, which is said", async () => {
  await using t = await trial(await server(15), { "001_a.sql": "create table a ();\n" });
  const ended = await t.pgmate(["force", "001", "--yes"]);
  expect(ended.status).toBe(0);
  expect(ended.stderr).toContain(
    "Warning: db/migrations/001_a.sql cannot be parsed, so that its row is without a checksum\n",
  );
  const [row] = await t.query("select checksum from schema_migrations");
  expect(row?.["checksum"]).toBeNull();
});

test("statements of which the file does not tell any more", async () => {
  await using t = await trial(await server(18), {
    ...three, "002_b.sql": units("create table b ();\nselect 1;\nvacuum b;\nselect 1/0;"),
  });
  expect((await t.pgmate(["up"])).status).toBe(2);
  await t.query("update schema_migrations_progress set state = 'running' where unit = 3");
  const look = async (): Promise<string> =>
    (await t.pgmate(["force", "001", "--dry-run"])).stdout;
  const title = "002_b.sql: dirty → pending\nWould run a second time with the next up:\n";
  const known = `${title}  db/migrations/002_b.sql:2: CREATE TABLE\n`;
  const doubt = "VACUUM (whether it ran is not known)\n";
  expect(await look()).toBe(
    `${known}  db/migrations/002_b.sql:3: SELECT\n  db/migrations/002_b.sql:4: ${doubt}`,
  );
  await t.migrations({ "002_b.sql": units("create table b ();\n\nselect 2;\nvacuum b;") });
  expect(await look()).toBe(
    `${known}  db/migrations/002_b.sql:5: ${doubt}` +
      "  002_b.sql: statement 2, which is another in the file now\n",
  );
  await t.migrations({ "002_b.sql": "no marker" });
  expect(await look()).toStartWith(`${title}  002_b.sql: statement 1, which is another`);
  await t.project.remove("db/migrations/002_b.sql");
  expect(await look()).toBe(
    "002 (no file): dirty → pending\nWould run a second time if its file comes back:\n" +
      "  002 (no file): statement 1\n" +
      "  002 (no file): statement 2\n" +
      "  002 (no file): statement 3 (whether it ran is not known)\n",
  );
  expect((await t.pgmate(["force", "001", "--yes"])).status).toBe(0);
  expect(await versions(t, "schema_migrations_progress")).toEqual([]);
});

test("of very many statements the first are shown, and how many more there are", async () => {
  const many = Array.from({ length: 30 }, (_, at) => `select ${at};`).join("\n");
  await using t = await trial(await server(15), { "001_a.sql": units(`${many}\nselect 1/0;`) });
  expect((await t.pgmate(["up"])).status).toBe(2);
  const { stdout } = await t.pgmate(["force", "--only", "001", "--pending", "--dry-run"]);
  expect(stdout.match(/: SELECT\n/g)).toHaveLength(20);
  expect(stdout).toEndWith("001_a.sql:21: SELECT\n  and 10 more\n");
});
