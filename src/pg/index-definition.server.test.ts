/** Real servers say which indexes are what a statement would build, however it is written. */

import { expect, test } from "bun:test";
import { aloneStatement } from "../core/alone-statement.ts";
import { parseDatabaseUrl } from "../core/database-url.ts";
import { statementOf } from "../testing/parsed.ts";
import { server, serverVersions } from "../testing/servers.ts";
import { connectServer } from "./connect.ts";
import { indexesLike } from "./index-definition.ts";
import type { Session } from "./session.ts";

async function open(url: string): Promise<Session> {
  const target = parseDatabaseUrl(url, {}, { user: "x", home: "/", platform: "linux" });
  if (target.kind !== "server") throw new Error("a server's URL is needed");
  const { session } = await connectServer({
    target,
    tlsFiles: {
      rootCertificates: undefined, certificate: undefined, key: undefined, revocations: undefined,
    },
    passfile: undefined,
    applicationName: "pgmate test",
    purpose: "write",
    signal: new AbortController().signal,
    onNotice: () => {},
  });
  return session;
}

/** Each is one index; the first spelling builds it, the others mean the same. */
const indexes: readonly (readonly string[])[] = [
  ["(a)", "USING btree (\"a\" ASC NULLS LAST)", " ( A ) -- it\n"],
  ["(a desc)", "(a DESC NULLS FIRST)"],
  ["(b)", "(b collate \"default\")"],
  ["(b text_pattern_ops, (a + 1)) where a > 0", "(B text_pattern_ops,(((a)+(1)))) WHERE (a>0)"],
  ["(a) include (b) with (fillfactor = 70)", "(a) INCLUDE (b) with (FILLFACTOR='70')"],
  ["(a, b)"],
  ["using hash (a)"],
];

test.each(serverVersions)("on PostgreSQL %d", async (version) => {
  const database = await (await server(version)).freshDatabase();
  await database.query("create schema \"S x\"");
  await database.query("create table \"S x\".\"T'x\" (gone int, a int, b text)");
  await database.query("alter table \"S x\".\"T'x\" drop gone");
  const table = "\"S x\".\"T'x\"";
  for (const [at, [body]] of indexes.entries()) {
    await database.query(`create index i${at} on ${table} ${body}`);
  }
  await database.query(`create unique index u on ${table} (a)`);
  const [row] = await database.query("select oid::int from pg_class where relname = 'T''x'");
  const session = await open(database.url);
  const like = async (sql: string): Promise<unknown> => {
    const wanted = aloneStatement(statementOf(sql));
    if (wanted.kind !== "create-index") throw new Error(`no index: ${sql}`);
    const oids = await indexesLike(session, Number(row?.["oid"]), wanted);
    if (oids === undefined) return undefined;
    const list = oids.length === 0 ? "0" : oids.join(", ");
    const found = await database.query(`select relname from pg_class where oid in (${list})`);
    return found.map(({ relname }) => relname);
  };
  for (const [at, bodies] of indexes.entries()) {
    for (const body of bodies) {
      expect(await like(`create index concurrently on only ${table} ${body}`)).toEqual([`i${at}`]);
    }
  }
  expect(await like(`create unique index concurrently x on only (${table}) (a)`)).toEqual(["u"]);
  expect(await like(`create index concurrently on ${table} (b, a)`)).toEqual([]);
  expect(await like(`create index concurrently on ${table} (nope)`)).toBeUndefined();
  expect(session.transactionState).toBe("I");
  expect(await database.query("select 1 from pg_class where relname ~ 'pgmate'")).toEqual([]);
  await session.end();
});
