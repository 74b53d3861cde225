/** The lines in which schema files of dbmate and of pgmate may differ, each with its reason. */
import type { Tool } from "./dbmate-case.ts";

export interface Noise {
  /** Whose file holds it. */
  readonly of: Tool;
  /** Over whole lines. */
  readonly lines: RegExp;
  /** What the other file has there. */
  readonly instead: string;
  readonly reason: string;
  /** Whether it is there depends on the version of the installed pg_dump. */
  readonly sometimes?: "by version";
}

/** What pg_dump writes above the SQL of an object. */
function heading(name: string, type: string): string {
  return `--\\n-- Name: ${name}; Type: ${type}; Schema: [^;\\n]*; Owner: -\\n--\\n\\n`;
}

export const noises: readonly Noise[] = [
  {
    of: "dbmate",
    lines: /^\\restrict dbmate\n\n/,
    instead: "",
    reason: "dbmate sets its own key for every dump, pgmate's text has no such lines",
    sometimes: "by version",
  },
  {
    of: "dbmate",
    lines: /^\n?-- Dumped from database version .*\n-- Dumped by pg_dump version .*\n\n/,
    instead: "",
    reason: "dbmate leaves them behind \\restrict; they change from machine to machine",
    sometimes: "by version",
  },
  {
    of: "dbmate",
    lines: /(?<=-- PostgreSQL database dump complete\n--\n)\n\\unrestrict dbmate\n/,
    instead: "",
    reason: "the end of what \\restrict begins",
    sometimes: "by version",
  },
  {
    of: "dbmate",
    lines: /^SET transaction_timeout = 0;\n/m,
    instead: "",
    reason: "pg_dump 17 and later write it, and the server 15 of these tests cannot load it",
    sometimes: "by version",
  },
  {
    of: "dbmate",
    lines: new RegExp(`${heading("public", "SCHEMA")}CREATE SCHEMA public;\\n\\n\\n`),
    instead: "",
    reason: "search_path names it, so pg_dump makes it, although every database has it",
  },
  {
    of: "dbmate",
    lines: new RegExp(
      `${heading("SCHEMA public", "COMMENT")}`
        + "COMMENT ON SCHEMA public IS 'standard public schema';\\n\\n\\n",
    ),
    instead: "",
    reason: "what every database says of that schema",
  },
  {
    of: "pgmate",
    lines: new RegExp(
      `${heading("ltree", "EXTENSION")}CREATE EXTENSION IF NOT EXISTS ltree .*\\n\\n\\n`
        + `${heading("EXTENSION ltree", "COMMENT")}COMMENT ON EXTENSION ltree .*\\n\\n\\n`,
    ),
    instead: "",
    reason: "without it the tables of a schema that search_path names could not be loaded",
  },
  {
    of: "pgmate",
    lines: new RegExp(`${heading("outside", "SCHEMA")}CREATE SCHEMA outside;\\n\\n\\n`),
    instead: "",
    reason: "the ledger's schema, which search_path does not name; its versions are in the file",
  },
  {
    of: "pgmate",
    lines: new RegExp(
      `${heading("ledger", "TABLE")}CREATE TABLE outside\\.ledger \\([^;]*\\);\\n\\n\\n`
        + `${heading("ledger ledger_pkey", "CONSTRAINT")}ALTER TABLE [^;]*;\\n\\n\\n`,
    ),
    instead: "",
    reason: "the ledger itself, without which its versions could not be loaded",
  },
  {
    of: "pgmate",
    lines: /(?<=^CREATE SUBSCRIPTION .*), streaming = off(?=\);$)/m,
    instead: "",
    reason: "pg_dump 18 writes it, since off is no more what a server 18 takes by itself",
    sometimes: "by version",
  },
  {
    of: "pgmate",
    // Those that Go calls white space, but for the line end.
    lines: /[\t\v\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+$/gm,
    instead: "",
    reason: "dbmate cuts blanks and CR off all lines, also inside literals and bodies",
  },
];

/** The columns that pgmate's ledger has beside the version: no noise in a dump of one database. */
export const ledgerColumns: Noise = {
  of: "pgmate",
  lines: new RegExp(
    "(?<=^    version character varying(?:\\(255\\))? NOT NULL),\\n"
      + "    description text,\\n    checksum text,\\n"
      + "    applied_at timestamp with time zone DEFAULT now\\(\\),\\n"
      + "    applied_by text DEFAULT SESSION_USER,\\n    execution_ms bigint$",
    "m",
  ),
  instead: "",
  reason: "when, by whom and what; dbmate works with such a table",
};

/** The text without what may differ; tells which of it was there. */
export function withoutNoise(
  tool: Tool,
  text: string,
  told: (noise: Noise) => void = () => {},
): string {
  return noises.filter(({ of }) => of === tool).reduce((left, noise) => {
    const next = left.replace(noise.lines, noise.instead);
    if (next !== left) told(noise);
    return next;
  }, text);
}

export function withoutLedgerColumns(text: string): string {
  return text.replace(ledgerColumns.lines, ledgerColumns.instead);
}
