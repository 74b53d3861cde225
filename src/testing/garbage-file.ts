/** Migration files in pieces: what is wrong is told with its place, and with no secret. */
import { isMarker } from "../core/marker.ts";
import type { Fault } from "../core/migration.ts";
import { MigrationParser, type ParseResult } from "../core/parse.ts";
import { split } from "../core/split.ts";
import { newMigrationFileName } from "../core/template.ts";
import { parseFileName } from "../core/version-id.ts";
import { placeIn, type Read } from "../engine/migrations.ts";
import { PgmateError } from "../errors.ts";
import { errorLines } from "../report/error-text.ts";
import { eventLines } from "../report/event-text.ts";
import { attempt, type GarbageKind } from "./garbage-case.ts";
import { makeSecret, type Secret } from "./garbage-secret.ts";
import { fragmentText, garbageValue, spoilBytes, spoilText } from "./garbage-text.ts";
import type { Random } from "./seeded.ts";
import { scripts } from "./sql-corpus.ts";

const markers = [
  "-- migrate:up\n", "-- migrate:up transaction:false\n", "-- migrate:up lock_timeout:1s\n",
  "-- migrate:up transaction:true statement_timeout:0\n", "--migrate:up\r\n",
];

/** A migration that was one, before it was spoilt. */
export function garbageMigration(random: Random): string {
  const sql = (): string =>
    random.percent(70) ? scripts(random)().text : fragmentText(random, 20);
  const pairs = Array.from({ length: 1 + random.below(2) }, () => {
    const up = random.pick(markers);
    return `${up}${sql()}\n${up.replace("up", "down")}${random.percent(50) ? "" : sql()}\n`;
  });
  return pairs.join("\n");
}

/** A line of SQL that holds a secret where pgmate promises to blank it. */
export function secretStatement(random: Random, secret: Secret, plain: Secret): string {
  const literal = `'${secret.text.replaceAll("'", "''")}'`;
  const url = `postgres://u:${encodeURIComponent(secret.text)}@h/d`;
  return random.pick([
    `alter role app password ${literal};`,
    `create user app encrypted password ${literal} valid until 'x';`,
    `ALTER USER app PASSWORD ${random.pick(["E", "U&"])}'${plain.text}';`,
    `alter role app password $q$${plain.text}$q$;`,
    `create user mapping for u server s options (user 'u', password ${literal});`,
    `do $$ begin execute 'alter role app password ''${plain.text}'''; end $$;`,
    `select dblink_connect('host=h user=u password=${plain.text}');`,
    `create subscription s connection '${url.replaceAll("'", "''")}' publication p;`,
    `insert into config values ('url', '${url.replaceAll("'", "%27")}');`,
  ]);
}

/** Files whose every part is read, checked and, where it is wrong, shown. */
export const files: GarbageKind = {
  name: "migration files",
  run: (random) => {
    const secrets = [makeSecret(random, "awkward"), makeSecret(random, "plain")];
    const [secret, plain] = secrets as [Secret, Secret];
    const statement = `\n${secretStatement(random, secret, plain)}\n`;
    const text = garbageMigration(random);
    const at = random.below(text.length + 1);
    const bytes = Buffer.concat([
      spoilBytes(random, text.slice(0, at), 4),
      Buffer.from(statement),
      spoilBytes(random, text.slice(at), 4),
    ]);
    const name = fileName(random);
    return attempt(secrets, (show) => {
      const parts = parseFileName(name) ?? { version: "1", description: "" };
      const file = { ...parts, name, path: `db/${name}` };
      const chunk = 1 + random.below(random.percent(50) ? 10 : bytes.length + 1);
      const whole = parse(new MigrationParser(file), bytes, bytes.length);
      const pieces = parse(new MigrationParser(file), bytes, chunk);
      const isSame = JSON.stringify(whole) === JSON.stringify(pieces);
      if (!isSame) throw new Error(`in chunks of ${chunk} it is ${JSON.stringify(pieces)}`);
      const joined = Buffer.concat(split(bytes, { boundary: isMarker }).map((one) => one.bytes));
      if (!joined.equals(bytes)) throw new Error("the pieces are not the file");
      const read: Read = { file, snapshot: { read: ranged(bytes) } };
      // Where the server might point to.
      for (const offset of [random.below(bytes.length + 1), at + random.below(statement.length)]) {
        show(shownFault(read, { ...serverFault, offset }));
      }
      showResult(read, whole, show);
      if (whole.kind === "fault") throw faultError(read, whole.fault);
    });
  },
};

const serverFault: Omit<Fault, "offset"> = {
  code: "migration-statement", message: "syntax error", hint: "correct it",
};

function parse(parser: MigrationParser, bytes: Uint8Array, size: number): ParseResult {
  for (let at = 0; at < bytes.length; at += Math.max(1, size)) {
    parser.push(bytes.slice(at, at + Math.max(1, size)));
  }
  return parser.end();
}

function ranged(bytes: Uint8Array): Read["snapshot"]["read"] {
  return (range) => [range === undefined ? bytes : bytes.subarray(range.start, range.end)];
}

function showResult(read: Read, result: ParseResult, show: (text: string) => void): void {
  if (result.kind === "fault") return;
  const { ups, downs, warnings } = result.migration;
  const sections = [...ups, ...downs];
  for (const { fault } of sections) if (fault !== undefined) show(shownFault(read, fault));
  for (const { message, offset } of [...warnings, ...sections.flatMap((one) => one.notices)]) {
    const lines = eventLines({ kind: "warning", message, at: placeIn(read, offset) }, "normal");
    for (const line of lines) show(line.text);
  }
}

function faultError(read: Read, { code, message, hint, offset }: Fault): PgmateError {
  return new PgmateError(code, message, { hint, at: placeIn(read, offset) });
}

function shownFault(read: Read, fault: Fault): string {
  return errorLines(faultError(read, fault), "plain").join("\n");
}

function fileName(random: Random): string {
  if (random.percent(70)) return "20240101_x.sql";
  return spoilText(random, "20240101000000_create_users.sql", 4);
}

/** Names of files, as they are found and as `new` is asked to make them. */
export const names: GarbageKind = {
  name: "names of files",
  run: (random) => attempt([], (show) => {
    const name = random.percent(50) ? garbageValue(random) : fileName(random);
    show(parseFileName(name)?.version ?? "no migration");
    const made = newMigrationFileName("20240101000000", name);
    show(made);
    if (parseFileName(made) === undefined) throw new Error(`${made} would not be found again`);
  }),
};
