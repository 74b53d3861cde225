/** Where statements end, case by case: function bodies and COPY. */

import { checkSplit } from "../testing/shown-pieces.ts";

const f = "create function f() returns int";

checkSplit("begin atomic … end", [
  ["one statement", `${f} begin atomic a; end;b`, [`${f} begin atomic a; end;`, "b"]],
  ["two", `${f} begin atomic a; b; end;c`, [`${f} begin atomic a; b; end;`, "c"]],
  ["none", `${f} begin atomic end;c`, [`${f} begin atomic end;`, "c"]],
  ["empty ones", `${f} begin atomic;; a;; end;c`, [`${f} begin atomic;; a;; end;`, "c"]],
  ["or replace", "create or replace function f() begin atomic a; end;c", [
    "create or replace function f() begin atomic a; end;", "c",
  ]],
  ["a procedure", "create procedure p() begin atomic a; end;c", [
    "create procedure p() begin atomic a; end;", "c",
  ]],
  ["or replace a procedure", "create or replace procedure p() begin atomic a; end;c", [
    "create or replace procedure p() begin atomic a; end;", "c",
  ]],
  ["in capitals", "CREATE FUNCTION F() BEGIN ATOMIC A; END;C", [
    "CREATE FUNCTION F() BEGIN ATOMIC A; END;", "C",
  ]],
  ["comments between the words",
    "create/*;*/or--\nreplace function f() begin -- ;\n atomic a;end;c",
    ["create/*;*/or--\nreplace function f() begin -- ;\n atomic a;end;", "c"]],
  ["a CASE in it", `${f} begin atomic select case when a then b end; end;c`, [
    `${f} begin atomic select case when a then b end; end;`, "c",
  ]],
  ["a CASE in a CASE",
    `${f} begin atomic select case a when case b when c then d end then e end; end;x`,
    [`${f} begin atomic select case a when case b when c then d end then e end; end;`, "x"]],
  ["a CASE in parentheses", `${f} begin atomic select (case when a then b end); end;c`, [
    `${f} begin atomic select (case when a then b end); end;`, "c",
  ]],
  ["a CASE named end", `${f} begin atomic select case when a then b end end; end;c`, [
    `${f} begin atomic select case when a then b end end; end;`, "c",
  ]],
  ["a label end", `${f} begin atomic select 1 as end; a; end;c`, [
    `${f} begin atomic select 1 as end; a; end;`, "c",
  ]],
  ["a label end without as", `${f} begin atomic select 1 end; a; end;c`, [
    `${f} begin atomic select 1 end; a; end;`, "c",
  ]],
  ["a label case", `${f} begin atomic select 1 as case; end;c`, [
    `${f} begin atomic select 1 as case; end;`, "c",
  ]],
  ["a column end", `${f} begin atomic select a.end, a.case; end;c`, [
    `${f} begin atomic select a.end, a.case; end;`, "c",
  ]],
  ["a quoted end", `${f} begin atomic select 1; "end"; end;c`, [
    `${f} begin atomic select 1; "end"; end;`, "c",
  ]],
  ["an end in a string", `${f} begin atomic select '; end;'; end;c`, [
    `${f} begin atomic select '; end;'; end;`, "c",
  ]],
  ["an end in a comment", `${f} begin atomic a; /* end; /* end; */ */ b; -- end;\n end;c`, [
    `${f} begin atomic a; /* end; /* end; */ */ b; -- end;\n end;`, "c",
  ]],
  ["a body in a body", `${f} begin atomic ${f} begin atomic a; end; b; end;c`, [
    `${f} begin atomic ${f} begin atomic a; end; b; end;`, "c",
  ]],
  ["behind language and default", `${f} language sql immutable begin atomic a; end;c`, [
    `${f} language sql immutable begin atomic a; end;`, "c",
  ]],
  ["a semicolon in a default", "create function f(a text = ';') begin atomic a; end;c", [
    "create function f(a text = ';') begin atomic a; end;", "c",
  ]],
  ["a return", `${f} begin atomic return 1; end;c`, [`${f} begin atomic return 1; end;`, "c"]],
  ["COPY inside is no COPY", `${f} begin atomic copy t from stdin; end;c`, [
    `${f} begin atomic copy t from stdin; end;`, "c",
  ]],
  ["never ended", `${f} begin atomic a; b;`, [`${f} begin atomic a; b;`]],
  ["an end without its semicolon", `${f} begin atomic a; end`, [`${f} begin atomic a; end`]],
  ["the next statement starts anew", `${f} begin atomic a; end; ${f} begin atomic a; end;c`, [
    `${f} begin atomic a; end;`, `${f} begin atomic a; end;`, "c",
  ]],
  ["a name begin", "create function begin() returns int return 1;c", [
    "create function begin() returns int return 1;", "c",
  ]],
  ["a schema begin", "create function begin.atomic() return 1;c", [
    "create function begin.atomic() return 1;", "c",
  ]],
  ["a type begin and a body", "create function f() returns begin begin atomic a; end;c", [
    "create function f() returns begin begin atomic a; end;", "c",
  ]],
  ["begin and atomic in parentheses", "create function f(begin atomic) return 1;c", [
    "create function f(begin atomic) return 1;", "c",
  ]],
  ["begin without atomic", `${f} begin a; end;c`, [`${f} begin a;`, "end;", "c"]],
  ["a quoted atomic", `${f} begin "atomic" a; end;c`, [`${f} begin "atomic" a;`, "end;", "c"]],
  ["no function", "create table t begin atomic a; end;c", [
    "create table t begin atomic a;", "end;", "c",
  ]],
  ["no create", "alter function f() begin atomic a; end;c", [
    "alter function f() begin atomic a;", "end;", "c",
  ]],
  ["create or something else", "create or alter function f() begin atomic a; end;c", [
    "create or alter function f() begin atomic a;", "end;", "c",
  ]],
  ["a transaction", "begin; a; end; b", ["begin;", "a;", "end;", "b"]],
  ["a body in dollar quotes", `${f} as $$ begin a; end; $$;c`, [
    `${f} as $$ begin a; end; $$;`, "c",
  ]],
  ["a body in quotes", `${f} as 'begin a; end;';c`, [`${f} as 'begin a; end;';`, "c"]],
  ["a DO", "do $$ begin a; end $$;c", ["do $$ begin a; end $$;", "c"]],
]);

const data = "1\t2\n";

checkSplit("copy … from stdin", [
  ["data", `copy t from stdin;\n${data}\\.\nb;`, [
    "copy t from stdin; {stdin}", "~\n", `copy < ${data} >`, "b;",
  ]],
  ["in capitals", `COPY T FROM STDIN;\n${data}\\.\n`, [
    "COPY T FROM STDIN; {STDIN}", "~\n", `copy < ${data} >`,
  ]],
  ["no data", "copy t from stdin;\n\\.\nb;", [
    "copy t from stdin; {stdin}", "~\n", "copy <  >", "b;",
  ]],
  ["columns and options", `copy s."t;" (a, "b;") from stdin with (format csv);\n${data}\\.\n`, [
    "copy s.\"t;\" (a, \"b;\") from stdin with (format csv); {stdin}", "~\n", `copy < ${data} >`,
  ]],
  ["a condition", `copy t from stdin where a > 1;\n${data}\\.\n`, [
    "copy t from stdin where a > 1; {stdin}", "~\n", `copy < ${data} >`,
  ]],
  ["from stdout, which Postgres takes for stdin", `copy t from stdout;\n${data}\\.\n`, [
    "copy t from stdout; {stdout}", "~\n", `copy < ${data} >`,
  ]],
  ["CRLF", "copy t from stdin;\r\n1\r\n\\.\r\nb;", [
    "copy t from stdin; {stdin}", "~\r\n", "copy < 1\r\n >", "b;",
  ]],
  ["the end of the input ends the data", "copy t from stdin;\n1\n2", [
    "copy t from stdin; {stdin}", "~\n", "copy < 1\n2 >>",
  ]],
  ["nothing behind the line", "copy t from stdin;\n", [
    "copy t from stdin; {stdin}", "~\n", "copy <  >>",
  ]],
  ["nothing behind the semicolon", "copy t from stdin;", [
    "copy t from stdin; {stdin}", "copy <  >>",
  ]],
  ["no semicolon, no data", "copy t from stdin", ["copy t from stdin {stdin}"]],
  ["the last line without a line end", "copy t from stdin;\n1\n\\.", [
    "copy t from stdin; {stdin}", "~\n", "copy < 1\n >",
  ]],
  ["the last line with CR alone", "copy t from stdin;\n1\n\\.\r", [
    "copy t from stdin; {stdin}", "~\n", "copy < 1\n >",
  ]],
  ["a backslash last", "copy t from stdin;\n1\n\\", [
    "copy t from stdin; {stdin}", "~\n", "copy < 1\n\\ >>",
  ]],
  ["lines that are nearly the end", "copy t from stdin;\n\\.x\n \\.\n\\. \n\\\\.\n\\.\r\r\n\\.\n", [
    "copy t from stdin; {stdin}", "~\n", "copy < \\.x\n \\.\n\\. \n\\\\.\n\\.\r\r\n >",
  ]],
  ["quotes, comments and semicolons are data", "copy t from stdin;\n'\n/*\n$$\n;\n--\n\\.\nb;", [
    "copy t from stdin; {stdin}", "~\n", "copy < '\n/*\n$$\n;\n--\n >", "b;",
  ]],
  ["an empty line is data", "copy t from stdin;\n\n\\.\n", [
    "copy t from stdin; {stdin}", "~\n", "copy < \n >",
  ]],
  ["another COPY is data", "copy t from stdin;\ncopy t from stdin;\n\\.\nb;", [
    "copy t from stdin; {stdin}", "~\n", "copy < copy t from stdin;\n >", "b;",
  ]],
  ["two in a row", "copy t from stdin;\n1\n\\.\ncopy u from stdin;\n2\n\\.\n", [
    "copy t from stdin; {stdin}", "~\n", "copy < 1\n >",
    "copy u from stdin; {stdin}", "~\n", "copy < 2\n >",
  ]],
  ["blanks behind the semicolon", "copy t from stdin; \t\n1\n\\.\n", [
    "copy t from stdin; {stdin}", "~ \t\n", "copy < 1\n >",
  ]],
  ["a comment behind the semicolon", "copy t from stdin; -- c;\n1\n\\.\n", [
    "copy t from stdin; {stdin}", "~ -- c;\n", "copy < 1\n >",
  ]],
  ["a block comment behind the semicolon", "copy t from stdin; /* c */\n1\n\\.\n", [
    "copy t from stdin; {stdin}", "~ /* c */\n", "copy < 1\n >",
  ]],
  ["a statement behind the semicolon is a fault", "copy t from stdin; b;\n1\n\\.\n", [
    "copy t from stdin; {stdin} {fault at 19}", "~ b;\n", "copy < 1\n >",
  ]],
  ["a semicolon behind the semicolon is a fault", "copy t from stdin;;\n1\n\\.\n", [
    "copy t from stdin; {stdin} {fault at 18}", "~;\n", "copy < 1\n >",
  ]],
  ["a comment over lines behind the semicolon is a fault", "copy t from stdin; /*\n*/\n\\.\n", [
    "copy t from stdin; {stdin} {fault at 19}", "~ /*\n", "copy < */\n >",
  ]],
  ["CR alone is no line end here", "copy t from stdin;\r1\r\\.\r", [
    "copy t from stdin; {stdin} {fault at 19}", "~\r1\r\\.\r", "copy <  >>",
  ]],
  ["a comment before", "-- c\ncopy t from stdin;\n\\.\n", [
    "copy t from stdin; {stdin}", "~\n", "copy <  >",
  ]],
  ["comments between the words", "copy/*;*/t from--;\nstdin;\n\\.\n", [
    "copy/*;*/t from--;\nstdin; {stdin}", "~\n", "copy <  >",
  ]],
  ["a table stdin", "copy stdin from stdin;\n\\.\n", [
    "copy stdin from stdin; {stdin}", "~\n", "copy <  >",
  ]],
  ["a column called from", "copy a.from from stdin;\n\\.\n", [
    "copy a.from from stdin; {stdin}", "~\n", "copy <  >",
  ]],
  ["to stdout", "copy t to stdout;\nb;", ["copy t to stdout;", "b;"]],
  ["to stdin, which Postgres takes for stdout", "copy t to stdin;\nb;", ["copy t to stdin;", "b;"]],
  ["a query to stdout", "copy (select 1) to stdout;\nb;", ["copy (select 1) to stdout;", "b;"]],
  ["a query with from stdin in parentheses", "copy (select a from stdin) to stdout;\nb;", [
    "copy (select a from stdin) to stdout;", "b;",
  ]],
  ["from a file", "copy t from '/stdin';\nb;", ["copy t from '/stdin';", "b;"]],
  ["from a program", "copy t from program 'stdin';\nb;", ["copy t from program 'stdin';", "b;"]],
  ["from a file, and stdin in the condition",
    "copy t from '/x' where a is distinct from stdin;\nb;",
    ["copy t from '/x' where a is distinct from stdin;", "b;"]],
  ["a quoted stdin", "copy t from \"stdin\";\nb;", ["copy t from \"stdin\";", "b;"]],
  ["not the first word", "explain copy t from stdin;\nb;", ["explain copy t from stdin;", "b;"]],
  ["another first word", "select copy from stdin;\nb;", ["select copy from stdin;", "b;"]],
  ["a column from, no FROM", "copy a.from stdin;\nb;", ["copy a.from stdin;", "b;"]],
  ["an unfinished one does not leak", "copy t from;\nstdin;\nb;", ["copy t from;", "stdin;", "b;"]],
  ["emoji and NUL in the data", "copy t from stdin;\n😀\0\n\\.\nb;", [
    "copy t from stdin; {stdin}", "~\n", "copy < 😀\0\n >", "b;",
  ]],
]);
