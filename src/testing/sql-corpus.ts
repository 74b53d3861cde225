/** Scripts of SQL that is nearly always valid, and as odd as Postgres' lexical rules allow. */

import { sqlExpressions } from "./sql-expression.ts";
import type { Random } from "./seeded.ts";

/** A script, and the same bytes with blanks for what is not SQL, for a parser of SQL only. */
export interface Script {
  readonly text: string;
  readonly sqlOnly: string;
}

type Make = () => string;

export function scripts(random: Random): () => Script {
  const { pick, percent, below } = random;
  const sql = sqlExpressions(random);
  const { gap, name, column, expression, literal, bodyString, dollarString, words, list } = sql;

  const selectList: Make = () =>
    list(3, () => {
      const value = expression(2);
      // Any keyword may be a label after AS, and some, END among them, without.
      if (percent(12)) return words(value, pick(["as", "as", ""]), pick(["end", "END"]));
      if (percent(6)) return words(value, "as", pick(["case", "begin", "copy", "create", "from"]));
      return percent(20) ? words(value, "as", column()) : value;
    });

  const query: Make = () => {
    if (percent(10)) return words("values", "(", list(3, () => expression(1)), ")");
    const from = percent(70) ? words("from", name(), percent(30) ? words("as", column()) : "") : "";
    const where = from !== "" && percent(50) ? words("where", expression(2)) : "";
    const plain = words("select", selectList(), from, where);
    if (percent(8)) return words(plain, "union", "all", "select", expression(1));
    if (percent(8)) return words("with", column(), "as", "(", plain, ")", "select", "1");
    return plain;
  };

  const insert: Make = () =>
    words("insert", "into", name(), "(", list(3, column), ")", "values", "(",
      list(3, () => expression(1)), ")");
  const update: Make = () =>
    words("update", name(), "set", column(), "=", expression(2), "where", expression(1));
  const remove: Make = () => words("delete", "from", name(), "where", expression(2));
  const change: Make = () => pick([insert, update, remove, query])();

  const type: Make = () => pick(["int", "text", "numeric(1,2)", "timestamp with time zone", "int[]"]);

  const table: Make = () =>
    words("create", pick(["", "temp", "unlogged"]), "table", name(), "(",
      list(4, () => words(column(), type(), percent(30) ? words("default", literal()) : "")), ")");

  const routineHead: Make = () => {
    const head = words("create", percent(40) ? words("or", "replace") : "");
    const parameters = percent(40) ? words(column(), type()) : "";
    return percent(70)
      ? words(head, "function", name(), "(", parameters, ")", "returns", type())
      : words(head, "procedure", name(), "(", parameters, ")");
  };

  const quotedRoutine: Make = () => {
    const body = percent(80) ? dollarString() : bodyString();
    const language = words("language", pick(["plpgsql", "sql", "'c'"]));
    return percent(50)
      ? words(routineHead(), language, "as", body)
      : words(routineHead(), "as", body, language);
  };

  const atomicRoutine: Make = () => {
    const body = Array.from({ length: below(4) }, () => {
      if (percent(10)) return ";";
      if (percent(10)) return words("return", expression(2), ";");
      return words(change(), ";");
    });
    const language = percent(50) ? words("language", "sql") : "";
    return words(routineHead(), language, pick(["begin", "BEGIN", "Begin"]), "atomic",
      ...body, pick(["end", "END"]));
  };

  const rule: Make = () => {
    const head = words("create", percent(30) ? words("or", "replace") : "", "rule", column(), "as",
      "on", pick(["insert", "update", "delete"]), "to", name(), "do", pick(["also", "instead", ""]));
    if (percent(20)) return words(head, "nothing");
    const actions = Array.from({ length: 1 + below(3) }, () => pick([insert, update, remove])());
    return words(head, "(", actions.join(gap() + ";" + gap()), percent(40) ? ";" : "", ")");
  };

  const copyOut: Make = () =>
    percent(50)
      ? words("copy", "(", query(), ")", "to", "stdout")
      : words("copy", name(), "to", pick(["stdout", "'/tmp/x'", "stdin"]));

  const other: Make = () =>
    pick<Make>([
      () => words("comment", "on", "table", name(), "is", bodyString()),
      () => words("alter", "table", name(), "add", "column", column(), type()),
      () => words("create", percent(40) ? "unique" : "", "index", "on", name(), "(", column(), ")"),
      () => words("do", dollarString()),
      () => words("begin", percent(30) ? "work" : ""),
      () => pick(["commit", "end", "rollback", "END work", "start transaction", "abort"]),
      () => words("set", "search_path", "to", column(), ",", column()),
      () => words("explain", query()),
      () => words("create", "view", name(), "as", query()),
      () => words("call", name(), "(", expression(1), ")"),
      () => words("grant", "select", "on", name(), "to", column()),
      () => words("create", "type", name(), "as", "enum", "(", list(3, () => "'a;'"), ")"),
      () => words("prepare", column(), "as", query()),
      () => words("copy", name(), "from", pick(["'/tmp/x'", words("program", "'cat;'")])),
      () => words("notify", column(), ",", "'x;'"),
      () => words("create", "table", name(), "as", query()),
    ])();

  const statement: Make = () =>
    pick([
      query, query, insert, update, remove, table, quotedRoutine, quotedRoutine, atomicRoutine,
      atomicRoutine, rule, copyOut, other, other, other,
    ])();

  const copyIn: Make = () => {
    const columns = percent(40) ? words("(", list(3, column), ")") : "";
    const options = percent(20) ? words("with", "(", "format", "csv", ")") : "";
    const where = percent(10) ? words("where", column(), "=", literal()) : "";
    return words(pick(["copy", "COPY", "Copy"]), name(), columns, "from",
      pick(["stdin", "STDIN", "stdout"]), options, where);
  };

  const dataLine: Make = () =>
    pick([
      "1\t2\tx", "", " \\.", "\\. ", "\\.x", "\\\\.", "\\N", "it's;", "-- migrate:down", "$$", "/*",
      "é😀", "\\restrict", "select 1;", "\"", "\\", "\r", "x\r",
    ]);

  const data: Make = () => {
    const end = percent(20) ? "\r\n" : "\n";
    return Array.from({ length: below(5) }, () => dataLine() + end).join("") + "\\." + end;
  };

  const blank = (text: string): string => " ".repeat(new TextEncoder().encode(text).length);

  /** What may stand before a statement or in its place, and is no SQL. */
  const metaCommand: Make = () =>
    `\\${pick(["restrict aB3", "unrestrict", "echo ';", "."])}${pick(["\n", "\r\n"])}`;

  return () => {
    let text = "";
    let sqlOnly = "";
    const add = (part: string): void => {
      text += part;
      sqlOnly += part;
    };
    const addForeign = (part: string): void => {
      text += part;
      sqlOnly += blank(part);
    };
    if (percent(5)) addForeign("\uFEFF");
    const count = 1 + below(8);
    for (let i = 0; i < count; i++) {
      if (percent(4)) addForeign(metaCommand());
      if (percent(50)) add(gap());
      if (percent(10)) {
        add(words(copyIn(), ";"));
        add(pick(["\n", " \n", "-- c;\n", " /* c */ \t\r\n", "\r\n"]));
        addForeign(data());
        continue;
      }
      add(statement());
      if (i + 1 < count || percent(70)) add(gap() + ";" + (percent(60) ? gap() : ""));
      if (percent(5)) add(";" + gap());
    }
    return { text, sqlOnly: sql.withoutBridges(sqlOnly) };
  };
}
