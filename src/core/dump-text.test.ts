/** What is taken out of a dump, and that nothing else is touched. */
import { describe, expect, test } from "bun:test";
import { cleanDump, versionsText } from "./dump-text.ts";

const header = `--
-- PostgreSQL database dump
--

\\restrict pgmate

-- Dumped from database version 18.4 (Debian 18.4-1)
-- Dumped by pg_dump version 18.3

`;
const settings = `SET statement_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
`;
const footer = `
--
-- PostgreSQL database dump complete
--

\\unrestrict pgmate

`;
const footerKept = "\n--\n-- PostgreSQL database dump complete\n--\n\n";

function cleaned(text: string, serverMajor = 18, publicSchema: "keep" | "drop" = "keep"): string {
  const bytes = cleanDump(new TextEncoder().encode(text), { serverMajor, publicSchema });
  return new TextDecoder().decode(bytes);
}

/** Everything that looks like what is taken out, where it is none of it. */
const body = `
CREATE FUNCTION public.f() RETURNS text
    LANGUAGE plpgsql
    AS $_$
begin
\\restrict inside
\\unrestrict inside
-- Dumped from database version 9   \t
SET transaction_timeout = 0;
CREATE SCHEMA public;\r
--
-- PostgreSQL database dump complete
--
\\.
  return $$ ${"x".repeat(100_000)} $$;   
end $_$;


--
-- Name: FUNCTION f(); Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON FUNCTION public.f() IS '
\\restrict too
SET transaction_timeout = 0;
it''s over   

';

`;

describe("a dump", () => {
  test("loses its header and the lines that no server knows", () => {
    expect(cleaned(header + settings + body + footer)).toBe(settings + body + footerKept);
  });

  test("keeps transaction_timeout from 17 on only", () => {
    const without = settings.replace("SET transaction_timeout = 0;\n", "");
    for (const [major, wanted] of [[15, without], [16, without], [17, settings]] as const) {
      const text = cleaned(header + settings + body + footer, major);
      expect(text).toBe(wanted + body + footerKept);
    }
  });

  test("of a pg_dump without restrict lines comes out the same", () => {
    const old = (text: string): string => text.replace(/\\(un)?restrict pgmate\n\n/, "");
    expect(cleaned(old(header) + settings + body + old(footer))).toBe(settings + body + footerKept);
  });

  const entry = (name: string, sql: string): string => `\n--\n-- Name: ${name}\n--\n\n${sql}\n\n`;
  const makes = entry("public; Type: SCHEMA", "CREATE SCHEMA public;");
  const standard = entry(
    "SCHEMA public; Type: COMMENT",
    "COMMENT ON SCHEMA public IS 'standard public schema';",
  );
  const own = entry("SCHEMA public; Type: COMMENT", "COMMENT ON SCHEMA public IS 'mine';");
  const other = entry("public2; Type: SCHEMA", "CREATE SCHEMA public2;");
  const table = entry("t; Type: TABLE", "CREATE TABLE public.t (\n);");

  test.each([
    ["alone", makes, ""],
    ["with its comment", makes + standard, ""],
    ["with another comment", makes + own, own],
    ["between others", other + makes + standard + table, other + table],
    ["last", table + makes, table],
    ["first", makes + table, table],
  ])("does not make public, which is there: %s", (_, given, wanted) => {
    expect(cleaned(header + settings + given + footer, 18, "drop"))
      .toBe(cleaned(header + settings + wanted + footer, 18, "drop"));
  });

  test("says nothing of a public that it does not make", () => {
    const note = entry(
      "public; Type: SCHEMA; Schema: -; Owner: -",
      "-- *not* creating schema, since initdb creates it",
    );
    for (const rest of ["", own, table, other + table]) {
      expect(cleaned(header + settings + note + rest + footer))
        .toBe(cleaned(header + settings + rest + footer));
      expect(cleaned(header + settings + other + note + rest + footer))
        .toBe(cleaned(header + settings + other + rest + footer));
    }
  });

  test("keeps public where nobody asked for it by name", () => {
    const text = cleaned(header + settings + makes + own + footer);
    expect(text).toContain("CREATE SCHEMA public;");
  });

  test("of nothing but settings", () => {
    expect(cleaned(header + settings + footer)).toBe(settings + footerKept);
  });
});

test("a server before 16 is not told who runs a subscription", () => {
  const subscription = (options: string): string =>
    '\nCREATE SUBSCRIPTION "s, run_as_owner = true" CONNECTION ' +
    "'host=h options='', run_as_owner = true);''' PUBLICATION p WITH " +
    `(connect = false, slot_name = 's, run_as_owner = true'${options});\n\n`;
  const given = subscription(", run_as_owner = true, synchronous_commit = local");
  const wanted = subscription(", synchronous_commit = local");
  const alone = subscription(", run_as_owner = true");
  expect(cleaned(header + settings + given + footer, 15))
    .toBe(cleaned(header + settings + wanted + footer, 15));
  expect(cleaned(header + settings + alone + footer, 15))
    .toBe(cleaned(header + settings + subscription("") + footer, 15));
  expect(cleaned(header + settings + given + footer, 16)).toContain(given);
});

test("the versions stand as dbmate writes them", () => {
  const head = "\n--\n-- Dbmate schema migrations\n--\n\n";
  expect(versionsText("public.schema_migrations", [])).toBe(head);
  expect(versionsText("public.schema_migrations", ["'1'", "'20240101'", "E'a\\\\b'"])).toBe(
    `${head}INSERT INTO public.schema_migrations (version) VALUES\n` +
      "    ('1'),\n    ('20240101'),\n    (E'a\\\\b');\n",
  );
});
