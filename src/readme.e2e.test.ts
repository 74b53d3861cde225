/** The README's commands do what it says, and its sessions print what stands in it. */

import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, statSync, writeFileSync } from "node:fs";
import postgres from "postgres";
import { readmePath } from "../scripts/readme.ts";
import { binary, dbmate } from "./testing/program.ts";
import {
  type ReadmeBlock, readmeBlocks, sessionCommands, sessionText, withoutVarying,
} from "./testing/readme-blocks.ts";
import {
  type During, openStage, readmeServer, sampleFiles, type Stage,
} from "./testing/readme-stage.ts";
import type { TestServer } from "./testing/servers.ts";
import { pair, units } from "./testing/trial.ts";

const readme = readFileSync(readmePath, "utf8");
/** For whoever has changed what is printed: the sessions are written as they are now. */
const isWriting = process.env["README_SESSIONS"] === "write";
const blocks = readmeBlocks(readme);

/** What has to be there before the first command of the stage. */
interface Setting {
  readonly prepare: (stage: Stage) => Promise<void>;
  /** Something happens while the commands run. */
  readonly during?: During;
}

const bookings = {
  "db/migrations/20260301100000_bookings.sql": pair(
    "create table bookings (id bigint generated always as identity primary key, room text);",
    "drop table bookings;",
  ),
};

const notes = {
  "db/migrations/20260302100000_booking_notes.sql": pair(
    "alter table bookings add column notes text;",
    "alter table bookings drop column notes;",
  ),
};

const floors = {
  "db/migrations/20260301100000_floors.sql": pair(
    "alter table public.rooms add column floor integer;",
    "alter table public.rooms drop column floor;",
  ),
};

const sleeping = "pg_stat_activity where wait_event = 'PgSleep'";

/** Every stage that a block names, and no other. */
const settings: Readonly<Record<string, Setting>> = {
  "demo": { prepare: (stage) => stage.write(sampleFiles()) },
  "mistake": {
    prepare: async (stage) => {
      await stage.write(sampleFiles());
      await stage.script("pgmate --url pglite:dist/demo up");
      await stage.write({
        "db/migrations/20260301100000_room_photos.sql": pair(
          "create table room_photos (\n  room_id bigint not null references rooms (id),\n" +
            "  caption text not null default 'A room with a view 🌅', taken_at timestamptzz\n);",
          "drop table room_photos;",
        ),
      });
    },
  },
  "getting-started": {
    prepare: async (stage) => {
      await stage.script("mkdir dist && mv .programs/pgmate dist/pgmate");
    },
  },
  "lock": {
    prepare: async (stage) => {
      await stage.write(bookings);
      await stage.script("pgmate up --no-dump-schema");
      await stage.write(notes);
      const reader = postgres(stage.url, { max: 1, connection: { application_name: "psql" } });
      const reading = reader.unsafe(
        "begin; select count(*) from bookings where room = '32'; select pg_sleep(600); commit",
      );
      void reading.catch(() => undefined).then(() => reader.end());
      while ((await stage.query(`select pid from ${sleeping}`)).length === 0) await Bun.sleep(20);
    },
    during: async (stage, printed) => {
      while (printed().split("Waiting for a lock").length < 3) await Bun.sleep(50);
      await stage.query(`select pg_cancel_backend(pid) from ${sleeping}`);
    },
  },
  "plan": {
    prepare: async (stage) => {
      await stage.write(sampleFiles());
      await stage.script("pgmate up --no-dump-schema");
      // No table is small, as one of a few rows would be called.
      await stage.query(
        "insert into customers (email, full_name) " +
          "select i || '@example.org', 'a' from generate_series(1, 20000) i",
      );
      await stage.query(
        "insert into bookings (customer_id, room_id, arrives_on, leaves_on) " +
          "select id, 1, '2026-03-06', '2026-03-09' from customers",
      );
      await stage.write({
        "db/migrations/20260303100000_loyalty.sql": pair(
          "alter table public.customers add column tier text not null default 'basic';\n" +
            "alter table public.customers add constraint tier_known check (tier in ('basic', " +
            "'silver', 'gold'));\n" +
            "alter table public.bookings drop constraint bookings_customer_id_fkey;",
          "alter table public.customers drop column tier;",
        ),
      });
    },
  },
  "review": {
    prepare: async (stage) => {
      await stage.write(sampleFiles());
      await stage.script(
        "pgmate up --no-dump-schema\ngit init -q .\ngit add db\ngit commit -qm a\n" +
          "git update-ref refs/remotes/origin/main HEAD",
      );
      await stage.write(floors);
    },
  },
  "half-way": {
    prepare: async (stage) => {
      await stage.write({ ...bookings, ...notes });
      await stage.script("pgmate up --no-dump-schema");
      await stage.query("insert into bookings (room) values ('room 32'), ('room 32')");
      await stage.write({
        "db/migrations/20260303100000_index_rooms.sql": units(
          "alter table bookings add column floor integer;\n" +
            "create unique index concurrently bookings_room on bookings (room);\n" +
            "comment on index bookings_room is 'one booking a room';",
          "drop index concurrently bookings_room;\nalter table bookings drop column floor;",
        ),
      });
    },
  },
  "completions": { prepare: () => Promise.resolve() },
  "schema-file": {
    prepare: async (stage) => {
      await stage.write(sampleFiles());
      await stage.script("pgmate up\ngit init -q .\ngit add db\ngit commit -qm a");
      await stage.write(floors);
    },
  },
  "logs": {
    prepare: async (stage) => {
      await stage.write(sampleFiles());
      await stage.script("pgmate up --no-dump-schema");
      await stage.write(floors);
    },
  },
  "dbmate": {
    prepare: async (stage) => {
      await stage.write(bookings);
      await stage.script("pgmate create");
      const env = { DATABASE_URL: `${stage.url}?sslmode=disable` };
      const ran = await dbmate(["up"], { cwd: stage.folder, env });
      expect(ran.stdout).toContain("Applied: 20260301100000_bookings.sql");
      await stage.write(notes);
    },
  },
  "golang-migrate": {
    prepare: async (stage) => {
      await stage.write({
        "migrations/1_rooms.up.sql":
          "BEGIN;\ncreate table public.rooms (id bigint primary key, name text);\nCOMMIT;\n",
        "migrations/1_rooms.down.sql": "drop table public.rooms;\n",
        "migrations/2_rooms_name.up.sql":
          "create index concurrently rooms_name on public.rooms (name);\n",
        "migrations/2_rooms_name.down.sql": "drop index public.rooms_name;\n",
        "migrations/10_beds.up.sql": "alter table public.rooms add column beds smallint;",
        "migrations/10_beds.down.sql": "alter table public.rooms drop column beds;",
      });
      await stage.script("pgmate create");
      // What golang-migrate leaves behind, as its driver for Postgres makes it.
      await stage.query(
        "set role app; create table public.rooms (id bigint primary key, name text); " +
          "create index rooms_name on public.rooms (name); " +
          "create table schema_migrations (version bigint not null primary key, " +
          "dirty boolean not null); insert into schema_migrations values (2, false)",
      );
    },
  },
};

const shells = ["sh", "bash", "shell", "console"];
/** This test is a part of the one, and what the other runs is the stage `demo`. */
const own = ["npm test\n", "npm run demo\n"];
const run = blocks.filter(({ language, stage, text }) =>
  shells.includes(language) && !stage.startsWith("not run: ") && !own.includes(text),
);

test("every block of commands names its stage, or says why it is not run", () => {
  const strays = run.filter(({ stage }) => !Object.hasOwn(settings, stage));
  // ```sh STAGE with a setting above, or ```sh not run: it needs docker
  expect(strays.map(({ line, text }) => `README.md:${line}: ${text}`)).toEqual([]);
  expect(Object.keys(settings).filter((name) => !run.some(({ stage }) => stage === name)))
    .toEqual([]);
  const sessions = blocks.filter(({ text }) => /^\$ /m.test(text));
  expect(sessions.filter(({ language }) => language !== "console")).toEqual([]);
});

describe("stage", () => {
  let server: TestServer | undefined;
  let written = readme;

  beforeAll(async () => {
    server = await readmeServer();
  });

  afterAll(async () => {
    await server?.stop();
    if (isWriting) writeFileSync(readmePath, written);
  });

  test.each(Object.entries(settings))("%s", async (name, { prepare, during }) => {
    if (server === undefined) throw new Error("no server");
    await using stage = await openStage(server);
    await prepare(stage);
    for (const block of run.filter((one) => one.stage === name)) {
      if (block.language !== "console") await stage.script(block.text);
      else written = await compared(stage, block, { written, during });
    }
  });

  test("the migration that is shown runs, both ways", async () => {
    if (server === undefined) throw new Error("no server");
    await using stage = await openStage(server);
    await stage.write({ "db/migrations/1_a.sql": shown("sql", "-- migrate:down") });
    await stage.script("pgmate up\npgmate rollback");
  });

  test("the finding that is ignored would be one", async () => {
    if (server === undefined) throw new Error("no server");
    await using stage = await openStage(server);
    const column = "alter table orders add column legacy_code text;";
    const table = "create table orders (legacy_code text);";
    await stage.write({
      "db/migrations/1_a.sql": pair(table, "drop table orders;"),
      "db/migrations/2_b.sql": `${shown("sql", "pgmate:ignore")}\n-- migrate:down\n${column}\n`,
    });
    await stage.script(
      "pgmate lint\nsed -i /pgmate:ignore/d db/migrations/2_b.sql\n" +
        "if pgmate lint; then exit 1; fi",
    );
  });

  test("the settings that are shown are taken", async () => {
    if (server === undefined) throw new Error("no server");
    await using stage = await openStage(server);
    await stage.write({
      "pgmate.toml": shown("toml", ""),
      "db/migrations/1_a.sql": pair("create table a (i int);", "drop table a;"),
      "vendor/billing/migrations/2_b.sql": pair("create table b (i int);", "drop table b;"),
    });
    await stage.script("pgmate up");
    const rows = await stage.query("select version from app.schema_migrations order by version");
    expect(rows.map(({ version }) => version)).toEqual(["1", "2"]);
  });
});

/** The README with the session as it is now, where it is another one. */
async function compared(
  stage: Stage,
  block: ReadmeBlock,
  { written, during }: { readonly written: string; readonly during: During | undefined },
): Promise<string> {
  const commands = sessionCommands(block);
  const outputs = await stage.session(commands.map(({ command }) => command), during);
  const now = sessionText(commands.map(({ command }, index) => {
    return { command, output: outputs[index] ?? "" };
  }));
  if (!isWriting) expect(withoutVarying(now)).toBe(withoutVarying(block.text));
  if (withoutVarying(now) === withoutVarying(block.text)) return written;
  return written.replace(block.text, () => now.replace(/\blocalhost:\d+/g, "localhost:5432"));
}

/** The text of the one block of that language that holds these words. */
function shown(language: string, words: string): string {
  const found = blocks.filter((one) => one.language === language && one.text.includes(words));
  expect(found).toHaveLength(1);
  return found[0]?.text ?? "";
}

test("the size that is named is the binary's", () => {
  const megabytes = Math.round(statSync(binary).size / 1e6);
  const named = [...readme.matchAll(/binary is large[^.]*?\b(\d+) MB\b/g)];
  expect(named).toHaveLength(2);
  for (const [, size] of named) {
    expect(Math.abs(Number(size) - megabytes)).toBeLessThanOrEqual(5);
  }
});
