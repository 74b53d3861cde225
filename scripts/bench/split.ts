/** Measures the splitter: MB/s over 64 MB of what a dump holds, made from a seed in memory. */

import { Splitter } from "../../src/core/split.ts";
import type { Random } from "../../src/testing/seeded.ts";
import { seeded } from "../../src/testing/seeded.ts";

const size = 64 << 20;
const chunkSize = 1 << 18;
const rounds = 5;

const words = "alpha beta it''s; gamma δέλτα (x) -- y $1 /* z omega zulu quick brown".split(" ");

function sentence(random: Random, count: number): string {
  return Array.from({ length: count }, () => random.pick(words)).join(" ");
}

function copyBlock(random: Random): string {
  const rows = Array.from({ length: 400 }, (_, i) =>
    [i, sentence(random, 4), "\\N", "2024-01-01 00:00:00+00", random.below(1e9)].join("\t"),
  );
  const table = `public.t${random.below(99)}`;
  return `COPY ${table} (id, a, b, c, d) FROM stdin;\n${rows.join("\n")}\n\\.\n\n`;
}

function inserts(random: Random): string {
  const row = (): string =>
    `INSERT INTO public.t${random.below(99)} (id, name, note) VALUES ` +
    `(${random.below(1e6)}, '${sentence(random, 2)}', '${sentence(random, 6)}');\n`;
  return Array.from({ length: 200 }, row).join("");
}

const types = ["integer", "text DEFAULT 'x'::text", "numeric(12,2)"];

function table(random: Random): string {
  const name = `orders_${random.below(1e5)}`;
  const column = (_: unknown, i: number): string =>
    `    column_${i} ${random.pick(types)} NOT NULL`;
  const columns = Array.from({ length: 12 }, column).join(",\n");
  return `--
-- Name: ${name}; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.${name} (
${columns},
    CONSTRAINT ${name}_check CHECK ((column_1 >= 0) AND (column_2 <> ''::text))
);

CREATE INDEX ${name}_index ON public.${name} USING btree (column_0, lower(column_1));
ALTER TABLE ONLY public.${name} ADD CONSTRAINT ${name}_pkey PRIMARY KEY (column_0);

`;
}

function routine(random: Random): string {
  const lines = Array.from(
    { length: 20 },
    (_, i) => `  v_${i} := coalesce(new.column_${i}, '${sentence(random, 2)}'); -- ${i}\n`,
  );
  return `CREATE FUNCTION public.f_${random.below(1e5)}() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
begin
${lines.join("")}  return new;
end;
$$;

CREATE OR REPLACE FUNCTION public.g_${random.below(1e5)}(a integer) RETURNS integer
    BEGIN ATOMIC
 SELECT CASE WHEN (a > 0) THEN 1 ELSE 0 END AS "case";
 END;

`;
}

const shapes = {
  "COPY data": [copyBlock],
  "INSERT": [inserts],
  "tables": [table],
  "functions": [routine],
  "a dump of all": [copyBlock, inserts, table, table, routine, routine, copyBlock],
} as const;

function text(parts: readonly ((random: Random) => string)[]): Uint8Array {
  const random = seeded(64);
  const bytes = new Uint8Array(size);
  const encoder = new TextEncoder();
  let written = 0;
  while (written < size) {
    const block = parts.map((part) => part(random)).join("");
    const result = encoder.encodeInto(block, bytes.subarray(written));
    if (result.written === 0) break;
    written += result.written;
  }
  return bytes.subarray(0, written);
}

/** How many pieces, when pushed in chunks as a stream would bring them. */
function splitInChunks(bytes: Uint8Array): number {
  const splitter = new Splitter({ boundary: () => false });
  let pieces = 0;
  for (let at = 0; at < bytes.length; at += chunkSize) {
    pieces += splitter.push(bytes.subarray(at, at + chunkSize)).length;
  }
  return pieces + splitter.end().length;
}

for (const [name, parts] of Object.entries(shapes)) {
  const bytes = text(parts);
  const speeds: number[] = [];
  let pieces = 0;
  for (let round = 0; round < rounds; round++) {
    const start = performance.now();
    pieces = splitInChunks(bytes);
    speeds.push(bytes.length / 1e6 / ((performance.now() - start) / 1e3));
  }
  speeds.sort((a, b) => a - b);
  const median = speeds[rounds >> 1] ?? 0;
  console.log(`${name.padEnd(14)} ${median.toFixed(0).padStart(5)} MB/s  ${pieces} pieces`);
}
