/** The rules about a file as text: its name, its length, its first sentence. */
import type { Source, Violation } from "./structure-source.ts";
import { isTest } from "./structure-source.ts";
import { forbiddenNames, limits } from "./structure-table.ts";

export function textViolations({ path, text }: Source): readonly Violation[] {
  const found: Violation[] = [];
  const add = (rule: string, line: number, message: string): void => {
    found.push({ rule, path, line, message });
  };
  const lines = text.replace(/\n$/, "").split("\n");
  const parts = path.split("/").slice(1).map((part) => part.replace(/(?:\.test)?\.ts$/, ""));
  const bad = parts.find((part) => forbiddenNames.some((name) => name === part));
  if (bad !== undefined) add("name", 1, `"${bad}" names nothing: what is in it?`);
  for (const [index, line] of lines.entries()) {
    const columns = [...line].length;
    if (columns > limits.columns) add("columns", index + 1, `${columns} columns`);
    if (/@ts-(?:ignore|expect-error|nocheck)\b/.test(line)) {
      add("unchecked", index + 1, "the type checker is not switched off");
    }
  }
  const limit = lineLimit(path);
  if (lines.length > limit.lines) add(limit.rule, 1, `${lines.length} lines`);
  if (!isTest(path) && !hasFirstSentence(text)) {
    add("first-sentence", 1, "a file opens with a sentence on what it is for");
  }
  return found;
}

function lineLimit(path: string): { readonly rule: string; readonly lines: number } {
  if (isTest(path)) return { rule: "file-lines", lines: Number.POSITIVE_INFINITY };
  if (path.startsWith("scripts/")) return { rule: "script-lines", lines: limits.scriptLines };
  if (path.startsWith("src/commands/")) {
    return { rule: "command-lines", lines: limits.commandLines - 1 };
  }
  return { rule: "file-lines", lines: limits.fileLines };
}

function hasFirstSentence(text: string): boolean {
  const comment = /^(?:#!.*\n)?\/\*\*([\s\S]*?)\*\/|^(?:#!.*\n)?((?:\/\/.*\n)+)/.exec(text);
  const words = (comment?.[1] ?? comment?.[2] ?? "").replaceAll(/^\s*(?:\*|\/\/)/gm, "").trim();
  return /^\S[^]*?[.:](?:\s|$)/.test(words);
}
