/** Follows the settings of the session that a review depends on through the SETs of a file. */

import type { Node } from "libpg-query";
import { searchPathItems } from "../identifier.ts";
import { names } from "./action.ts";
import { nodesOf } from "./tree-nodes.ts";

export interface ReviewSettings {
  /** Undefined where nobody knows it. */
  readonly timeZone: string | undefined;
  readonly searchPath: readonly string[];
}

export class FollowedSettings implements ReviewSettings {
  readonly #initial: ReviewSettings;
  #timeZone: string | undefined;
  #searchPath: readonly string[];

  constructor(initial: ReviewSettings) {
    this.#initial = initial;
    this.#timeZone = initial.timeZone;
    this.#searchPath = initial.searchPath;
  }

  get timeZone(): string | undefined {
    return this.#timeZone;
  }

  get searchPath(): readonly string[] {
    return this.#searchPath;
  }

  /** SET, SET LOCAL, RESET, and set_config with literals, as pg_dump writes it. */
  follow(tree: Node): void {
    if ("SelectStmt" in tree) this.#followCalls(tree);
    if (!("VariableSetStmt" in tree)) return;
    const { kind, name = "", args } = tree.VariableSetStmt;
    const isAll = kind === "VAR_RESET_ALL";
    const values = kind === "VAR_SET_VALUE" ? texts(args) : undefined;
    if (isAll || name === "timezone") {
      // An interval is a zone too, which no name stands for.
      this.#timeZone = values === undefined ? this.#initial.timeZone : values[0];
    }
    if (isAll || name === "search_path") {
      this.#searchPath = values ?? this.#initial.searchPath;
    }
  }

  #followCalls(tree: Node): void {
    for (const { funcname, args } of nodesOf("FuncCall", tree)) {
      if (names(funcname).at(-1) !== "set_config") continue;
      const [setting, value] = literals(args);
      if (value === undefined) continue;
      if (setting?.toLowerCase() === "timezone") this.#timeZone = value;
      if (setting?.toLowerCase() === "search_path") this.#searchPath = searchPathItems(value);
    }
  }
}

/** The texts of a call's arguments; empty where one of them is no literal. */
function literals(args: readonly Node[] | undefined): readonly string[] {
  const found = texts(args);
  return found.length >= 2 ? found : [];
}

function texts(args: readonly Node[] | undefined): readonly string[] {
  return (args ?? []).flatMap((node) =>
    "A_Const" in node && node.A_Const.sval !== undefined ? (node.A_Const.sval.sval ?? "") : [],
  );
}
