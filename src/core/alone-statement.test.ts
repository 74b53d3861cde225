/** What statements that must run alone are about, in all their forms. */

import { expect, test } from "bun:test";
import { statementOf } from "../testing/parsed.ts";
import { type AloneStatement, aloneStatement, commitsItself } from "./alone-statement.ts";

/** `index x on t`, `index - on t`; `drop x`; `reindex x`; `t detach p`; `exists database d`. */
const cases: readonly (readonly [sql: string, expected: string])[] = [
  ["create index concurrently x on t (i)", "index x on t"],
  ["CREATE INDEX CONCURRENTLY X ON T (i)", "index x on t"],
  ["create index concurrently on t (i)", "index - on t"],
  ["create unique index concurrently x on a.t using btree (i)", "index x on a.t"],
  ["create unique index concurrently on t using hash (i)", "index - on t"],
  ["create index concurrently if not exists x on t (i)", "index x on t"],
  ["create index concurrently \"X y\" on \"S\".\"T\" (i)", 'index "X y" on "S"."T"'],
  ["create index concurrently \"on\" on t (i)", 'index "on" on t'],
  ["create index concurrently \"a\"\"b\" on t (i)", 'index "a""b" on t'],
  ["create index concurrently x on only t (i)", "index x on t"],
  ["create index concurrently x on only (t) (i)", "index x on t"],
  ["create index concurrently x on only(a.t) (i)", "index x on a.t"],
  ["create index concurrently x on d . s . t (i)", "index x on d.s.t"],
  ["create /* a */ index -- b\nconcurrently x /* c */ on /* d */ a /* e */ . t (i)",
    "index x on a.t"],
  ["create index concurrently if on t (i)", "index if on t"],
  ["create index concurrently ünïcode on täble (i)", "index ünïcode on täble"],
  ["create index concurrently x on t(i)", "index x on t"],
  ["create index concurrently U&\"d\\0061t\\+000061\\\\\" on u&\"T\" (i)", 'index "data\\" on "T"'],

  ["drop index concurrently x", "drop x"],
  ["drop index concurrently if exists a.\"X\" cascade", 'drop a."X"'],
  ["drop index concurrently a . x restrict", "drop a.x"],

  ["reindex index concurrently x", "reindex x"],
  ["reindex table concurrently a.t", "reindex a.t"],
  ["reindex (concurrently) table t", "reindex t"],
  ["reindex (verbose, concurrently true) index \"X\"", 'reindex "X"'],
  ["reindex (verbose) index concurrently x", "reindex x"],
  ["reindex (tablespace b, concurrently 1) index x", "reindex x"],
  ["reindex schema concurrently \"S\"", "reindex schema S"],
  ["reindex (concurrently on) schema S", "reindex schema s"],
  ["reindex database concurrently d", "reindex all"],
  ["reindex database concurrently", "reindex all"],
  ["reindex (concurrently) system d", "reindex all"],
  ["reindex database d", "repeatable"],
  ["reindex schema s", "repeatable"],
  ["reindex (concurrently off) table t", "repeatable"],
  ["reindex table t", "repeatable"],

  ["alter table t detach partition p concurrently", "t detach p"],
  ["alter table if exists only a.t detach partition \"B\".p concurrently", 'a.t detach "B".p'],
  ["alter table only (a.t) detach partition p concurrently", "a.t detach p"],
  ["alter table t * detach partition p concurrently", "t detach p"],

  ["create database d", "exists database d"],
  ["create database \"D\" with template = template0", "exists database D"],
  ["create tablespace S location '/x'", "exists tablespace s"],
  ["create subscription s connection '' publication p", "exists subscription s"],
  ["drop database D", "gone database d"],
  ["drop database if exists \"a\"\"b\" (force)", 'gone database a"b'],
  ["drop tablespace if exists s", "gone tablespace s"],
  ["drop subscription s", "gone subscription s"],

  ["vacuum", "repeatable"],
  ["vacuum (full, analyze) t", "repeatable"],
  ["cluster", "repeatable"],
  ["cluster t using x", "repeatable"],
  ["alter system set work_mem = 1", "repeatable"],
  ["alter database d set tablespace s", "repeatable"],
  ["alter subscription s refresh publication", "repeatable"],

  ["do $$ begin commit; end $$", "doubtful"],
  ["call p()", "doubtful"],
  ["discard all", "doubtful"],
  ["select f()", "doubtful"],
  ["create table t as select f()", "doubtful"],
  ["create index x on t (i)", "index x on t"],
  ["drop table t", "doubtful"],
  ["drop index x", "doubtful"],
  ["alter table t add column i int", "doubtful"],
];

function textOf(alone: AloneStatement): string {
  switch (alone.kind) {
    case "create-index":
      return `index ${alone.index ?? "-"} on ${alone.table}`;
    case "drop-index":
      return `drop ${alone.index}`;
    case "reindex":
      return alone.schema === undefined
        ? `reindex ${alone.relation ?? "all"}`
        : `reindex schema ${alone.schema}`;
    case "detach":
      return `${alone.table} detach ${alone.partition}`;
    case "exists":
    case "gone":
      return `${alone.kind} ${alone.object} ${alone.name}`;
    case "repeatable":
    case "doubtful":
      return alone.kind;
  }
}

test.each(cases)("%s: %s", (sql, expected) => {
  expect(textOf(aloneStatement(statementOf(sql)))).toBe(expected);
  expect(textOf(aloneStatement(statementOf(`-- first\n${sql} ; `)))).toBe(expected);
});

const blocks: readonly (readonly [sql: string, commits: boolean])[] = [
  ["do $$ begin commit; end $$", true],
  ["DO LANGUAGE plpgsql $x$ BEGIN ROLLBACK AND CHAIN; END $x$", true],
  ["do 'begin commit; end'", true],
  ["do $$ begin perform 1; end $$", false],
  ["do $$ begin -- commit later\nperform 1; end $$", false],
  ["do $$ begin /* no\nrollback */ perform 1; end $$", false],
  ["do $$ begin perform committed from t; end $$", false],
  ["do $$ begin raise exception 'it''s left, rollback; now'; end $$", false],
  ["do $$ begin raise notice 'a'; commit ; raise notice 'b'; end $$", true],
  ["call p()", false],
  ["select 'commit'", false],
  ["create procedure p() language plpgsql as $$ begin commit; end $$", false],
];

test.each(blocks)("%s commits by itself: %p", (sql, commits) => {
  expect(commitsItself(statementOf(sql))).toBe(commits);
});
