/** The rules for SQL that runs unit by unit: single statements and begin … commit groups. */

import type { Statement } from "./split.ts";
import { headOffset, type SqlFaults } from "./sql-faults.ts";
import type { Traits } from "./statement.ts";

/** Feed it statements in their order, then end it; what it finds goes to `faults`. */
export class UnitGroups {
  /** How many units there are so far. */
  count = 0;
  readonly #faults: SqlFaults;
  /** Of the group that is open. */
  #begin: Statement | undefined;

  constructor(faults: SqlFaults) {
    this.#faults = faults;
  }

  statement(statement: Statement, found: Traits): void {
    if (this.#begin === undefined) this.count += 1;
    switch (found.control) {
      case undefined:
        this.#unitStatement(statement, found);
        return;
      case "begin":
        if (this.#begin !== undefined) this.#notInGroup(statement, found.command);
        this.#begin = statement;
        return;
      case "commit":
        if (this.#begin === undefined || found.chain) this.#notInGroup(statement, found.command);
        this.#begin = undefined;
        return;
      default:
        this.#notInGroup(statement, found.command);
    }
  }

  #unitStatement(statement: Statement, found: Traits): void {
    if (this.#begin === undefined && found.setsLocal) {
      this.#faults.stop(
        `${found.command} has no effect outside a transaction`,
        "put begin; … commit; around it and what it is for, or use SET",
        headOffset(statement),
      );
    }
    if (this.#begin !== undefined && found.alone) {
      this.#faults.stop(
        `${found.command} cannot run between begin and commit`,
        "move it before the begin or after the commit",
        headOffset(statement),
      );
    }
  }

  #notInGroup(statement: Statement, command: string): void {
    this.#faults.stop(
      `${command.toLowerCase()} cannot stand here: a group is begin; … commit;`,
      "outside of one transaction plain begin; … commit; groups may stand, and nothing else of " +
        "transaction control",
      headOffset(statement),
    );
  }

  end(): void {
    if (this.#begin !== undefined) stopUnclosed(this.#faults, this.#begin);
  }
}

/** A begin that the text ends behind. */
export function stopUnclosed(faults: SqlFaults, begin: Statement): void {
  faults.stop(
    "this begin has no commit: what follows would be lost",
    "add the commit; or leave the begin out",
    headOffset(begin),
  );
}

/** Whether the statement is a BEGIN without a mode, which a transaction of ours replaces. */
export function isPlainBegin(statement: Statement): boolean {
  const text = new TextDecoder().decode(statement.bytes.subarray(statement.head, statement.tail));
  return /^(?:begin(?:\s+(?:work|transaction))?|start\s+transaction)$/i.test(text);
}
