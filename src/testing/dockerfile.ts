/** Reads the Dockerfile and .dockerignore: the stages, the image, what a build gets to see. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";

export interface Instruction {
  readonly word: string;
  /** Without the options that begin with two dashes. */
  readonly text: string;
  readonly options: ReadonlyMap<string, string>;
}

export interface Stage {
  readonly base: string;
  readonly name: string;
  readonly instructions: readonly Instruction[];
}

export interface Copied {
  /** The stage that it comes from; empty for the context. */
  readonly from: string;
  readonly sources: readonly string[];
  readonly destination: string;
}

/** What the last stage says of the image. */
export interface Image {
  readonly base: string;
  readonly entrypoint: readonly string[];
  readonly command: readonly string[];
  readonly user: string;
  readonly workingFolder: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly copied: readonly Copied[];
}

const root = join(import.meta.dir, "../..");

export function readStages(): readonly Stage[] {
  const lines = readFileSync(join(root, "Dockerfile"), "utf8")
    .replaceAll(/^\s*#.*\n/gm, "")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  const stages: { base: string; name: string; instructions: Instruction[] }[] = [];
  for (const line of lines.filter((one) => one.trim() !== "")) {
    const instruction = readInstruction(line);
    if (instruction.word === "FROM") {
      const [base = "", , name = ""] = instruction.text.split(" ");
      stages.push({ base, name, instructions: [] });
    } else {
      stages.at(-1)?.instructions.push(instruction);
    }
  }
  return stages;
}

/** Throws where the Dockerfile does not say it in the form that needs no shell. */
export function readImage(): Image {
  const stage = readStages().at(-1);
  if (stage === undefined) throw malformed("it has no stage");
  const last = (word: string): string => {
    const found = stage.instructions.findLast((one) => one.word === word);
    if (found === undefined) throw malformed(`its last stage has no ${word}`);
    return found.text;
  };
  const labels = stage.instructions.filter(({ word }) => word === "LABEL").flatMap(({ text }) => {
    return [...text.matchAll(/([\w.]+)="([^"]*)"/g)].map(([, k = "", v = ""]) => [k, v] as const);
  });
  return {
    base: stage.base,
    entrypoint: readWords(last("ENTRYPOINT")),
    command: readWords(last("CMD")),
    user: last("USER"),
    workingFolder: last("WORKDIR"),
    labels: new Map(labels),
    copied: copiedInto(stage),
  };
}

export function copiedInto(stage: Stage): readonly Copied[] {
  return stage.instructions.filter(({ word }) => word === "COPY").map(readCopied);
}

export function readCopied({ text, options }: Instruction): Copied {
  const names = text.split(/\s+/);
  const destination = names.at(-1) ?? "";
  return { from: options.get("from") ?? "", sources: names.slice(0, -1), destination };
}

/** The files of the project that .dockerignore lets a build see. */
export function contextFiles(): readonly string[] {
  const rules = readFileSync(join(root, ".dockerignore"), "utf8")
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => ({ glob: new Bun.Glob(line.replace(/^!/, "")), seen: line.startsWith("!") }));
  // The last rule that fits a path or a folder above it decides.
  const isSeen = (path: string): boolean => {
    const names = path.split("/");
    const above = names.map((_, index) => names.slice(0, index + 1).join("/"));
    return rules.findLast(({ glob }) => above.some((one) => glob.match(one)))?.seen ?? true;
  };
  const walk = (folder: string): readonly string[] =>
    readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
      const path = folder === "" ? entry.name : `${folder}/${entry.name}`;
      if (!isSeen(path)) return [];
      return entry.isDirectory() ? walk(path) : [path];
    });
  return walk("");
}

function readInstruction(line: string): Instruction {
  const [, word = "", rest = ""] = /^\s*([A-Z]+)\s+(.*)$/.exec(line) ?? [];
  if (word === "") throw malformed(`this is no instruction: ${line}`);
  const [, options = "", text = ""] = /^((?:--\S+\s+)*)(.*)$/.exec(rest) ?? [];
  const pairs = [...options.matchAll(/--([\w-]+)=(\S*)/g)].map(([, k = "", v = ""]) => {
    return [k, v] as const;
  });
  return { word, text, options: new Map(pairs) };
}

function readWords(text: string): readonly string[] {
  const words: unknown = JSON.parse(text);
  if (!Array.isArray(words)) throw malformed(`${text} is no list`);
  return words.map(String);
}

function malformed(what: string): PgmateError {
  return new PgmateError("tool", `the Dockerfile cannot be read: ${what}`);
}
