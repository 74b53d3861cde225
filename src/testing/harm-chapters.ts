/** What the files of a harmed project do: each chapter shows it when a part of it ran twice. */

/** `{t}` is a name of the chapter's own, `{log}` a line of the log more, `{nap}` a short sleep. */
export interface Chapter {
  readonly name: string;
  /** Pairs of sections: ups run in this order, downs in the reverse one. */
  readonly pairs: readonly ChapterPair[];
}

export interface ChapterPair {
  /** "units": transaction:false in both directions. */
  readonly kind: "transaction" | "units";
  /** One text each for what is one unit outside of a transaction. */
  readonly up: readonly string[];
  readonly down: readonly string[];
}

/** Whoever lacks it cannot run the chapter about roles. */
export const chapterRole = "harm_role";

/** What the chapters write to; lies beside them, so that a rollback leaves it alone. */
export const outsideSql = `
create schema outside;
grant usage on schema outside to public;
create table outside.log (label text not null);
create table outside.counter (n int not null);
insert into outside.counter values (0);
grant insert on outside.log to public;
grant select, update on outside.counter to public;
-- Makes building an index slow enough to be met in its midst.
create function outside.slow(i int) returns int immutable strict language plpgsql as
$$ begin perform pg_catalog.pg_sleep(0.002); return i; end $$;
create function outside.bump() returns trigger language plpgsql as
$$ begin update outside.counter set n = n + 1; return new; end $$;`;

const table =
  "create table {t} (i int, n int not null default 0, w text);\n" +
  "insert into {t} (i, w) select i, 'w' || i from generate_series(1, 12) i;";

const makeTable = table.split("\n");

const plain: Chapter = {
  name: "plain",
  pairs: [{
    kind: "transaction",
    up: [
      ...makeTable, "alter table {t} add primary key (i);", "{nap}",
      "update {t} set n = n + 1;", "update outside.counter set n = n + 1;",
    ],
    down: ["update outside.counter set n = n + 10;", "{nap}", "drop table {t};"],
  }],
};

const indexes: Chapter = {
  name: "indexes",
  pairs: [{
    kind: "units",
    up: [
      ...makeTable,
      "create index concurrently {t}_named on {t} (n);",
      "create unique index concurrently {t}_slow on {t} (outside.slow(i));",
      "create index concurrently on {t} (n, i);",
      "create index concurrently on {t} (n, i);",
      "create index concurrently if not exists {t}_again on {t} (w) where n = 0;",
      "drop index concurrently {t}_named;",
    ],
    down: [
      "drop index concurrently {t}_again;",
      "create index concurrently {t}_late on {t} (outside.slow(i));",
      "drop index concurrently if exists {t}_slow;",
      "drop table {t};",
    ],
  }],
};

const reindexed: Chapter = {
  name: "reindexed",
  pairs: [
    {
      kind: "transaction",
      up: [...makeTable, "create index {t}_i on {t} (outside.slow(i));"],
      down: ["drop table {t};"],
    },
    {
      kind: "units",
      up: [
        "reindex index concurrently {t}_i;",
        "create index concurrently {t}_w on {t} (w);",
        "reindex table concurrently {t};",
        "update {t} set n = n + 1;",
      ],
      down: ["reindex (verbose) index concurrently {t}_i;", "drop index concurrently {t}_w;"],
    },
  ],
};

const dropped: Chapter = {
  name: "dropped",
  pairs: [
    {
      kind: "transaction",
      up: [...makeTable, "create index {t}_a on {t} (i);", "create index {t}_b on {t} (w);"],
      down: ["drop table {t};"],
    },
    {
      kind: "units",
      up: [
        "drop index concurrently {t}_a;",
        "drop index concurrently if exists {t}_b;",
        "insert into {t} (i) values (99);",
      ],
      down: [
        "delete from {t} where i = 99;",
        "create index concurrently {t}_a on {t} (i);",
        "create index concurrently {t}_b on {t} (w);",
      ],
    },
  ],
};

const partitions: Chapter = {
  name: "partitions",
  pairs: [{
    kind: "units",
    up: [
      "create table {t} (k int not null, w text) partition by range (k);",
      "create table {t}_1 partition of {t} for values from (0) to (10);",
      "create table {t}_2 partition of {t} for values from (10) to (20);",
      "insert into {t} select i, 'x' from generate_series(0, 19) i;",
      "create index {t}_w on only {t} (w);",
      "create index concurrently {t}_1_w on {t}_1 (w);",
      "create index concurrently {t}_2_w on {t}_2 (w);",
      "alter index {t}_w attach partition {t}_1_w;",
      "alter index {t}_w attach partition {t}_2_w;",
      "alter table {t} detach partition {t}_2 concurrently;",
      "insert into {t}_2 values (11, 'y');",
    ],
    down: [
      "alter table {t} attach partition {t}_2 for values from (10) to (20);",
      "alter table {t} detach partition {t}_1 concurrently;",
      "drop table {t}_1;",
      "drop table {t};",
    ],
  }],
};

const moods: Chapter = {
  name: "moods",
  pairs: [{
    kind: "units",
    up: [
      "create type {t}_mood as enum ('sad');",
      "alter type {t}_mood add value 'glad';",
      "alter type {t}_mood add value 'mad' before 'sad';",
      "create table {t} (m {t}_mood);",
      "insert into {t} values ('glad'), ('mad');",
      "alter type {t}_mood add value if not exists 'calm' after 'sad';",
    ],
    down: ["drop table {t};", "drop type {t}_mood;"],
  }],
};

const vacuumed: Chapter = {
  name: "vacuumed",
  pairs: [{
    kind: "units",
    up: [
      ...makeTable, "create index {t}_i on {t} (i);", "vacuum (analyze) {t};",
      "cluster {t} using {t}_i;", "insert into {t} values (100);", "vacuum {t};",
    ],
    down: ["vacuum full {t};", "drop table {t};"],
  }],
};

/** What its first lines set, all later ones need: a resumed run must have it again. */
const settings: Chapter = {
  name: "settings",
  pairs: [{
    kind: "units",
    up: [
      `create schema {t} authorization ${chapterRole};`,
      "set search_path = {t}, pg_temp;",
      `set role ${chapterRole};`,
      "set harm.word = 'kept';",
      "create table plain (i int, word text default current_setting('harm.word'));",
      "insert into plain (i) select generate_series(1, 3);",
      "create index concurrently on plain (i);",
      "set harm.word to 'changed';",
      "insert into plain (i) values (4);",
      "reset role;",
      "create table owned_by_another (i int);",
      "insert into owned_by_another values (1);",
      "reset search_path;",
      "create table {t} (i int);",
    ],
    down: [
      "drop table {t};",
      "set search_path = {t};",
      `set role ${chapterRole};`,
      "drop index concurrently plain_i_idx;",
      "drop table plain;",
      "reset role;",
      "drop table owned_by_another;",
      "drop schema {t};",
    ],
  }],
};

const groups: Chapter = {
  name: "groups",
  pairs: [{
    kind: "units",
    up: [
      `begin;\n${table}\n{nap}\n{log}\ncommit;`,
      "begin;\nupdate {t} set n = n + 1;\n{log}\n{nap}\n" +
        "copy {t} (i, w) from stdin;\n101\ta;b\n102\t\\N\n\\.\n" +
        "update {t} set n = n + 1;\ncommit;",
      "create index concurrently {t}_n on {t} (n);",
      "begin;\nset local statement_timeout = '9s';\nupdate {t} set n = n * 2;\n{log}\nend;",
    ],
    down: [
      "begin;\n{log}\ndrop index {t}_n;\n{nap}\ncommit;",
      "vacuum {t};",
      "begin;\ndrop table {t};\n{nap}\n{log}\ncommit;",
    ],
  }],
};

const copyLines = Array.from({ length: 40 }, (_, i) => `${i}\t${"x".repeat(i)}\n`).join("");

const copied: Chapter = {
  name: "copied",
  pairs: [{
    kind: "transaction",
    up: [
      ...makeTable, `copy {t} (i, w) from stdin;\n${copyLines}\\.\n`, "{nap}",
      "update {t} set n = n + 1;", "copy {t} (i) from stdin with (format csv);\n500\n501\n\\.\n",
    ],
    down: ["drop table {t};"],
  }],
};

const copiedInUnits: Chapter = {
  name: "copied-units",
  pairs: [{
    kind: "units",
    up: [
      ...makeTable, `copy {t} (i, w) from stdin;\n${copyLines}\\.\n`,
      "update {t} set n = n + 1;", "copy {t} (i) from stdin with (format csv);\n500\n501\n\\.\n",
    ],
    down: ["delete from {t};", "copy {t} (i) from stdin;\n1\n\\.\n", "drop table {t};"],
  }],
};

const mixed: Chapter = {
  name: "mixed",
  pairs: [
    { kind: "transaction", up: [...makeTable, "{nap}"], down: ["{nap}", "drop table {t};"] },
    {
      kind: "units",
      up: ["create index concurrently {t}_w on {t} (w);", "update {t} set n = n + 1;"],
      down: ["drop index concurrently {t}_w;", "update {t} set n = n - 1;"],
    },
    {
      kind: "transaction",
      up: ["insert into {t} (i) values (7);", "{nap}"],
      down: ["delete from {t} where i = 7;", "{nap}"],
    },
  ],
};

/** Little, so that a fault at each of its messages is soon through. */
const brief: Chapter = {
  name: "brief",
  pairs: [{
    kind: "units",
    up: [
      "create table {t} (i int);",
      "create index concurrently {t}_i on {t} (i);",
      "begin;\ncopy {t} from stdin;\n1\n2\n\\.\nupdate {t} set i = i + 1;\ncommit;",
    ],
    down: ["drop index concurrently {t}_i;", "drop table {t};"],
  }],
};

const triggers: Chapter = {
  name: "triggers",
  pairs: [{
    kind: "transaction",
    up: [
      "create table {t} (i int);",
      "create trigger {t}_bump after insert on {t}" +
        " for each row execute function outside.bump();",
      "create function {t}_f() returns int language sql as $$ select 1; select 2; $$;",
      "insert into {t} select generate_series(1, 5);", "{nap}",
      "do $$ begin insert into {t} values (6); end $$;",
    ],
    down: ["drop function {t}_f;", "drop table {t};"],
  }],
};

const views: Chapter = {
  name: "views",
  pairs: [{
    kind: "units",
    up: [
      ...makeTable, "create materialized view {t}_m as select * from {t};",
      "create unique index on {t}_m (i);", "insert into {t} values (50);",
      "refresh materialized view concurrently {t}_m;",
      "alter table {t} add constraint {t}_c check (n >= 0) not valid;",
      "alter table {t} validate constraint {t}_c;",
    ],
    down: ["drop materialized view {t}_m;", "vacuum (analyze) {t};", "drop table {t};"],
  }],
};

/** Blocks that commit by themselves: where one was cut off, the run asks; twice does no harm. */
const procedures: Chapter = {
  name: "procedures",
  pairs: [{
    kind: "units",
    up: [
      "create table {t} (i int primary key);",
      "do $$ begin insert into {t} values (1); {log} end $$;",
      "do $$ begin for n in 2..5 loop insert into {t} values (n) on conflict do nothing;" +
        " perform pg_sleep(0.005); commit; end loop; end $$;",
      "create procedure {t}_p() language plpgsql as $$ begin for n in 6..9 loop" +
        " insert into {t} values (n) on conflict do nothing; commit; end loop; end $$;",
      "call {t}_p();",
    ],
    down: [
      "call {t}_p();",
      "do $$ begin delete from {t}; perform pg_sleep(0.01); commit; end $$;",
      "drop procedure {t}_p;", "drop table {t};",
    ],
  }],
};

/** Those with statements that are half done for a while, and with what a session must know. */
export const riskyKinds = [
  "indexes", "reindexed", "dropped", "partitions", "moods", "settings", "procedures",
] as const;

export const chapters: readonly Chapter[] = [
  plain, indexes, reindexed, dropped, partitions, moods, vacuumed, settings, groups, copied,
  copiedInUnits, mixed, brief, triggers, views, procedures,
];
