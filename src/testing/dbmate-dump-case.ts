/** What a case about writing the schema file is, and the words in which they are written. */
import { applies, type Case, differ, type Expected, run, type Run, table } from "./dbmate-case.ts";

/** What the schema file makes, and the versions in it. */
export type Left = readonly string[] | "no file";

export interface DumpCase extends Case {
  /**
   * At the end. Where it is one value, the files must be alike after each run, but for the lines
   * in which they may always differ.
   */
  readonly leaves: Expected<Left>;
  /** Its path, if it is not the usual one. */
  readonly schemaFile?: string;
  /** What of the file's text is told in `leaves`, if it is not the usual. */
  readonly tells?: RegExp;
}

export const differLeft = differ<Left>;
export const differOut = differ<readonly string[]>;

export const writing = "Writing: ./db/schema.sql";
/** Runs that dump by themselves. */
export const auto = { DBMATE_NO_DUMP_SCHEMA: undefined };
export const writes = run("dump", { out: [writing] });
export const a = { "1_a.sql": table("a") };
export const b = { "db/migrations/2_b.sql": table("b") };

export function leaves(...names: readonly string[]): readonly string[] {
  const versions = names.map((_, index) => `'${index + 1}'`);
  return [...names.map((name) => `TABLE public.${name}`), "TABLE public.schema_migrations",
    ...versions];
}

/** A run of which only pgmate writes the file, and dbmate is silent. */
export function upWritten(rest: Partial<Run> = {}): Run {
  const applied = applies("1_a.sql");
  return run("up", { env: auto, out: differOut(applied, [...applied, writing]), ...rest });
}

/** After something has changed, pgmate writes the file, and dbmate fails with these words. */
export function dumpWritten(dbmate: string, rest: Partial<Run> = {}): Run {
  return run("dump", {
    sql: "create table b ()", status: differ(2, 0), out: differOut([], [writing]),
    err: { dbmate }, ...rest,
  });
}

/** What such a dump leaves. */
export const onlyPgmate = differLeft("no file", [
  "TABLE public.a", "TABLE public.b", "TABLE public.schema_migrations", "'1'",
]);
