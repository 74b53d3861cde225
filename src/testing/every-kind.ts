/** The SQL of a schema with every kind of object that pg_dump knows, for each version. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ServerVersion, serverVersions } from "./server-files.ts";

/** Belong to the whole server, and stay: dumps name them in policies and user mappings. */
export const everyKindRoles = ["pgmate_kind_owner", "pgmate_kind_reader"] as const;

const parts = [
  ["every-kind.sql", 15],
  ["every-kind-relations.sql", 15],
  ["every-kind-16.sql", 16],
  ["every-kind-17.sql", 17],
  ["every-kind-18.sql", 18],
] as const satisfies readonly (readonly [file: string, since: ServerVersion])[];

const serverOnly = /^-- server only: .+\n[^]*?^-- end of server only\n/gm;

/**
 * Makes the roles; as often as one likes, and at the same time in several databases. A server
 * needs them before a dump of the schema can be loaded there.
 */
export function everyKindRolesSql(): string {
  return everyKindRoles.map((role) => `do $$ begin
  create role ${role};
exception when duplicate_object or unique_violation then null;
end $$;
`).join("");
}

/**
 * Makes the roles and the schema in an empty database, as a superuser: with psql, as one simple
 * query, or statement by statement. The database cannot be dropped afterwards before its
 * subscriptions are (`alter subscription … set (slot_name = none)`, `drop subscription …`).
 */
export function everyKindSql(major: ServerVersion): string {
  const files = parts.filter(([, since]) => since <= major);
  const texts = files.map(([file]) => readFileSync(join(import.meta.dir, file), "utf8"));
  return [everyKindRolesSql(), ...texts].join("\n");
}

/** The same for the embedded Postgres, without what it cannot do. */
export function everyKindSqlEmbedded(): string {
  return everyKindSql(18).replace(serverOnly, "");
}

/** What a native pg_dump wrote for the schema; native-dumps/README.md says how. */
export interface NativeDump {
  readonly server: ServerVersion;
  /** The version of the program, such as "18.6". */
  readonly pgDump: string;
  /** As it was written, random \\restrict key and all. */
  readonly text: string;
}

export function nativeDumps(): readonly NativeDump[] {
  const folder = join(import.meta.dir, "native-dumps");
  return readdirSync(folder).toSorted().flatMap((name) => {
    const [, major, pgDump] = /^server-(\d+)-pg_dump-([\d.]+)\.sql$/.exec(name) ?? [];
    const version = serverVersions.find((one) => String(one) === major);
    if (version === undefined || pgDump === undefined) return [];
    return [{ server: version, pgDump, text: readFileSync(join(folder, name), "utf8") }];
  });
}
