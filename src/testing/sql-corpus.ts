/** Scripts of SQL that is nearly always valid, and as odd as Postgres' lexical rules allow. */

import type { Random } from "./seeded.ts";
import { SqlExpressions } from "./sql-expression.ts";

/** A script, and the same bytes with blanks for what is not SQL, for a parser of SQL only. */
export interface Script {
  readonly text: string;
  readonly sqlOnly: string;
}

const types = ["int", "text", "numeric(1,2)", "timestamp with time zone", "int[]"];
const controls = ["commit", "end", "rollback", "END work", "start transaction", "abort", "begin"];
const dataLines = [
  "1\t2\tx", "", " \\.", "\\. ", "\\.x", "\\\\.", "\\N", "it's;", "-- migrate:down", "$$", "/*",
  "é😀", "\\restrict", "select 1;", "\"", "\\", "\r", "x\r",
];
const metaCommands = ["restrict aB3", "unrestrict", "echo ';", "."];

/** Makes scripts, one after the other, the same ones for the same random numbers. */
export function scripts(random: Random): () => Script {
  const corpus = new SqlCorpus(random);
  return () => corpus.script();
}

class SqlCorpus extends SqlExpressions {
  script(): Script {
    const { random } = this;
    const parts: Script[] = [];
    const add = (text: string): number => parts.push({ text, sqlOnly: text });
    const addForeign = (text: string): number => parts.push({ text, sqlOnly: blank(text) });
    if (random.percent(5)) addForeign("\uFEFF");
    const count = 1 + random.below(8);
    for (let i = 0; i < count; i++) {
      if (random.percent(4)) {
        addForeign(`\\${random.pick(metaCommands)}${random.pick(["\n", "\r\n"])}`);
      }
      if (random.percent(50)) add(this.gap());
      if (random.percent(10)) {
        add(this.words(this.#copyIn(), ";"));
        add(random.pick(["\n", " \n", "-- c;\n", " /* c */ \t\r\n", "\r\n"]));
        addForeign(this.#data());
        continue;
      }
      add(this.#statement());
      const last = i + 1 === count;
      if (!last || random.percent(70)) add(`${this.gap()};${random.percent(60) ? this.gap() : ""}`);
      if (random.percent(5)) add(`;${this.gap()}`);
    }
    return {
      text: parts.map((part) => part.text).join(""),
      sqlOnly: this.withoutBridges(parts.map((part) => part.sqlOnly).join("")),
    };
  }

  #statement(): string {
    const make = this.random.pick([
      () => this.#query(), () => this.#query(), () => this.#insert(), () => this.#update(),
      () => this.#delete(), () => this.#table(), () => this.#quotedRoutine(),
      () => this.#quotedRoutine(), () => this.#atomicRoutine(), () => this.#atomicRoutine(),
      () => this.#rule(), () => this.#copyOut(), () => this.#other(), () => this.#other(),
      () => this.#other(),
    ]);
    return make();
  }

  #query(): string {
    const { random } = this;
    if (random.percent(10)) {
      return this.words("values", "(", this.list(3, () => this.expression(1)), ")");
    }
    const alias = random.percent(30) ? this.words("as", this.column()) : "";
    const from = random.percent(70) ? this.words("from", this.name(), alias) : "";
    const where = from !== "" && random.percent(50) ? this.words("where", this.expression(2)) : "";
    const plain = this.words("select", this.list(3, () => this.#selected()), from, where);
    if (random.percent(8)) return this.words(plain, "union", "all", "select", this.expression(1));
    if (random.percent(8)) {
      return this.words("with", this.column(), "as", "(", plain, ")", "select", "1");
    }
    return plain;
  }

  #selected(): string {
    const { random } = this;
    const value = this.expression(2);
    // Any keyword may be a label after AS, and some, END among them, without.
    if (random.percent(12)) {
      return this.words(value, random.pick(["as", "as", ""]), random.pick(["end", "END"]));
    }
    if (random.percent(6)) {
      return this.words(value, "as", random.pick(["case", "begin", "copy", "create", "from"]));
    }
    return random.percent(20) ? this.words(value, "as", this.column()) : value;
  }

  #insert(): string {
    const columns = this.list(3, () => this.column());
    const values = this.list(3, () => this.expression(1));
    return this.words("insert", "into", this.name(), "(", columns, ")", "values", "(", values, ")");
  }

  #update(): string {
    const set = ["set", this.column(), "=", this.expression(2)];
    return this.words("update", this.name(), ...set, "where", this.expression(1));
  }

  #delete(): string {
    return this.words("delete", "from", this.name(), "where", this.expression(2));
  }

  #change(): string {
    return this.random.pick([() => this.#insert(), () => this.#update(), () => this.#delete()])();
  }

  #table(): string {
    const { random } = this;
    const column = (): string => {
      const value = random.percent(30) ? this.words("default", this.literal()) : "";
      return this.words(this.column(), random.pick(types), value);
    };
    const kind = random.pick(["", "temp", "unlogged"]);
    return this.words("create", kind, "table", this.name(), "(", this.list(4, column), ")");
  }

  #routineHead(): string {
    const { random } = this;
    const head = this.words("create", random.percent(40) ? this.words("or", "replace") : "");
    const parameters = random.percent(40) ? this.words(this.column(), random.pick(types)) : "";
    const kind = random.percent(70) ? "function" : "procedure";
    const named = this.words(head, kind, this.name(), "(", parameters, ")");
    return kind === "function" ? this.words(named, "returns", random.pick(types)) : named;
  }

  #quotedRoutine(): string {
    const { random } = this;
    const body = this.words("as", random.percent(80) ? this.dollarString() : this.bodyString());
    const language = this.words("language", random.pick(["plpgsql", "sql", "'c'"]));
    const options = random.percent(50) ? [language, body] : [body, language];
    return this.words(this.#routineHead(), ...options);
  }

  #atomicRoutine(): string {
    const { random } = this;
    const line = (): string => {
      if (random.percent(10)) return ";";
      if (random.percent(10)) return this.words("return", this.expression(2), ";");
      return this.words(random.percent(50) ? this.#query() : this.#change(), ";");
    };
    const body = Array.from({ length: random.below(4) }, line);
    const language = random.percent(50) ? this.words("language", "sql") : "";
    const begin = this.words(random.pick(["begin", "BEGIN", "Begin"]), "atomic");
    return this.words(this.#routineHead(), language, begin, ...body, random.pick(["end", "END"]));
  }

  #rule(): string {
    const { random } = this;
    const replace = random.percent(30) ? this.words("or", "replace") : "";
    const head = this.words("create", replace, "rule");
    const event = random.pick(["insert", "update", "delete"]);
    const how = random.pick(["also", "instead", ""]);
    const start = this.words(head, this.column(), "as", "on", event, "to", this.name(), "do", how);
    if (random.percent(20)) return this.words(start, "nothing");
    const actions = Array.from({ length: 1 + random.below(3) }, () => this.#change());
    const joined = actions.join(`${this.gap()};${this.gap()}`);
    return this.words(start, "(", joined, random.percent(40) ? ";" : "", ")");
  }

  #copyOut(): string {
    if (this.random.percent(50)) return this.words("copy", "(", this.#query(), ")", "to", "stdout");
    return this.words("copy", this.name(), "to", this.random.pick(["stdout", "'/tmp/x'", "stdin"]));
  }

  #copyIn(): string {
    const { random } = this;
    const columns = random.percent(40)
      ? this.words("(", this.list(3, () => this.column()), ")")
      : "";
    const options = random.percent(20) ? this.words("with", "(", "format", "csv", ")") : "";
    const where = random.percent(10) ? this.words("where", this.column(), "=", this.literal()) : "";
    const source = random.pick(["stdin", "STDIN", "stdout"]);
    const verb = random.pick(["copy", "COPY", "Copy"]);
    return this.words(verb, this.name(), columns, "from", source, options, where);
  }

  #data(): string {
    const { random } = this;
    const end = random.percent(20) ? "\r\n" : "\n";
    const lines = Array.from({ length: random.below(5) }, () => random.pick(dataLines) + end);
    return `${lines.join("")}\\.${end}`;
  }

  #other(): string {
    const { random } = this;
    const column = (): string => this.column();
    return this.words(...random.pick<() => readonly string[]>([
      () => ["comment", "on", "table", this.name(), "is", this.bodyString()],
      () => ["alter", "table", this.name(), "add", "column", column(), random.pick(types)],
      () => ["create", random.pick(["", "unique"]), "index", "on", this.name(), "(", column(), ")"],
      () => ["do", this.dollarString()],
      () => [random.pick(controls)],
      () => ["set", "search_path", "to", column(), ",", column()],
      () => ["explain", this.#query()],
      () => ["create", "view", this.name(), "as", this.#query()],
      () => ["call", this.name(), "(", this.expression(1), ")"],
      () => ["grant", "select", "on", this.name(), "to", column()],
      () => ["create", "type", this.name(), "as", "enum", "(", this.list(3, () => "'a;'"), ")"],
      () => ["prepare", column(), "as", this.#query()],
      () => ["copy", this.name(), "from", random.pick(["'/tmp/x'", "program 'cat;'"])],
      () => ["notify", column(), ",", "'x;'"],
      () => ["create", "table", this.name(), "as", this.#query()],
    ])());
  }
}

/** As many blanks as the text has bytes. */
function blank(text: string): string {
  return " ".repeat(new TextEncoder().encode(text).length);
}
