/** Postgres' own parser, as WebAssembly: the text of a statement made into its tree. */

import type { ParseResult } from "libpg-query";
import program from "../../node_modules/libpg-query/wasm/libpg-query.wasm" with { type: "file" };
import { byteOfCharacter } from "../core/position.ts";
import type { Parsed } from "../core/review/source-file.ts";
import { PgmateError } from "../errors.ts";

export interface SqlParser {
  /** Of one statement without its `;`; an empty text has no statements. */
  parse(sql: string): Parsed;
}

/** What is used of the module that Emscripten makes. */
export interface ParserModule {
  lengthBytesUTF8(text: string): number;
  stringToUTF8(text: string, pointer: number, bytes: number): void;
  UTF8ToString(pointer: number): string;
  getValue(pointer: number, type: "i32"): number;
  _malloc(bytes: number): number;
  _free(pointer: number): void;
  _wasm_parse_query_raw(pointer: number): number;
  _wasm_free_parse_result(pointer: number): void;
}

/**
 * A statement that is nested too deeply ends an instance for good; each costs a millisecond to
 * make beforehand, and cannot be made while somebody waits for a tree.
 */
const instances = 3;

/** Some 20 ms, once. Throws `internal` where this machine cannot run it. */
export async function loadSqlParser(): Promise<SqlParser> {
  try {
    const compiled = await WebAssembly.compile(await Bun.file(program).arrayBuffer());
    const { default: make } = await import("libpg-query/wasm/libpg-query.js");
    const made = Array.from({ length: instances }, () =>
      make({
        instantiateWasm: (imports, receive) => {
          const instance = new WebAssembly.Instance(compiled, imports);
          receive(instance, compiled);
          return instance.exports;
        },
      }),
    );
    return new Parser(await Promise.all(made));
  } catch (cause) {
    throw new PgmateError("internal", "the SQL parser inside pgmate cannot be loaded", { cause });
  }
}

class Parser implements SqlParser {
  readonly #modules: ParserModule[];

  constructor(modules: readonly ParserModule[]) {
    this.#modules = [...modules];
  }

  parse(sql: string): Parsed {
    const [module] = this.#modules;
    if (sql.trim() === "") return { kind: "tree", statements: [] };
    if (module === undefined) return { kind: "unreadable" };
    try {
      return parseWith(module, sql);
    } catch {
      // Out of its stack or memory, or a tree too deep for JSON: the instance is not to be trusted.
      this.#modules.shift();
      return { kind: "unreadable" };
    }
  }
}

function parseWith(module: ParserModule, sql: string): Parsed {
  const bytes = module.lengthBytesUTF8(sql) + 1;
  const query = module._malloc(bytes);
  module.stringToUTF8(sql, query, bytes);
  const result = module._wasm_parse_query_raw(query);
  try {
    // PgQueryParseResult: the tree, what was printed, the error; each a pointer.
    const error = module.getValue(result + 8, "i32");
    if (error === 0) return treeOf(module.UTF8ToString(module.getValue(result, "i32")));
    // PgQueryError: message, function, file, line, position in characters from 1.
    const message = module.UTF8ToString(module.getValue(error, "i32"));
    const position = module.getValue(error + 16, "i32");
    const at = byteOfCharacter(new TextEncoder().encode(sql), Math.max(0, position - 1));
    return { kind: "syntax", message, at };
  } finally {
    module._wasm_free_parse_result(result);
    module._free(query);
  }
}

function treeOf(json: string): Parsed {
  const parsed = JSON.parse(json) as ParseResult;
  return { kind: "tree", statements: (parsed.stmts ?? []).flatMap(({ stmt }) => stmt ?? []) };
}
