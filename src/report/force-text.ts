/** What `force` would change, line by line, before it is agreed to. */

import type {
  ForcedEntry, ForcedStatement, ForcedStatements, Outcome,
} from "../engine/events.ts";

/** One line for each version, then what it means for steps that ran half. */
export function forcingLines(entries: readonly ForcedEntry[]): readonly string[] {
  const changes = entries.map((entry) => `${nameOf(entry)}: ${entry.from} → ${entry.to}`);
  const again = { up: "with the next up", down: "with the next rollback" };
  return [
    ...changes,
    ...entries.flatMap((entry) =>
      statementLines(entry, entry.repeats, (statement) =>
        `Would run a second time ${
          entry.file === undefined ? "if its file comes back" : again[statement.direction]
        }:`,
      ),
    ),
    ...entries.flatMap((entry) => statementLines(entry, entry.skips, () => "Would never run:")),
  ];
}

/** The last word; what changed has been told line by line before. */
export function forcedLine(outcome: Extract<Outcome, { kind: "forced" }>): string {
  const { file, scope, entries, did } = outcome;
  if (did === "nothing") {
    const are = `the files up to ${file.name} are applied, those after it pending`;
    return `Nothing to change: ${scope === "only" ? `${file.name} is so already` : are}`;
  }
  if (did === "declined") return "Nothing was changed";
  const count = entries.length === 1 ? "1 version" : `${entries.length} versions`;
  return `Forced: ${file.name} (${count} changed)`;
}

function nameOf({ version, file }: ForcedEntry): string {
  return file?.name ?? `${version} (no file)`;
}

function statementLines(
  entry: ForcedEntry,
  { listed, more }: ForcedStatements,
  title: (first: ForcedStatement) => string,
): readonly string[] {
  const [first] = listed;
  if (first === undefined) return [];
  const rest = more === 0 ? [] : [`  and ${more} more`];
  return [title(first), ...listed.map((one) => `  ${statementText(entry, one)}`), ...rest];
}

function statementText(entry: ForcedEntry, statement: ForcedStatement): string {
  const { at, unit, command, ran } = statement;
  const doubt = ran === "perhaps" ? " (whether it ran is not known)" : "";
  if (at !== undefined) return `${at.file}:${at.line}: ${command ?? `statement ${unit}`}${doubt}`;
  const changed = entry.file === undefined ? "" : ", which is another in the file now";
  return `${nameOf(entry)}: statement ${unit}${changed}${doubt}`;
}
