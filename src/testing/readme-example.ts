/** The README's example files: named code blocks, read as the tools that they are for read them. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";

/** A tree of YAML. */
export type Tree =
  | { readonly [name: string]: Tree }
  | readonly Tree[]
  | string
  | number
  | boolean
  | null;

/** A step of a job of GitHub Actions. */
export interface WorkflowStep {
  readonly uses?: string;
  readonly run?: string;
  readonly if?: string;
  readonly env?: Readonly<Record<string, string>>;
}

const readme = readFileSync(join(import.meta.dir, "../../README.md"), "utf8");

/** The blocks whose first line is a comment with the name of their file. */
export const examples: ReadonlyMap<string, string> = new Map(
  [...readme.matchAll(/^```(?:yaml|ini|dockerfile)\n# (\S+)\n([^]*?)^```$/gm)].map(
    ([, name = "", text = ""]) => [name, text] as const,
  ),
);

export function example(name: string): string {
  const text = examples.get(name);
  if (text === undefined) throw missing(`README.md has no example ${name}`);
  return text;
}

export function yamlExample(name: string): Tree {
  return Bun.YAML.parse(example(name)) as Tree;
}

/** What stands at a path such as `services.migrate.image` or `steps.0`. */
export function at(tree: Tree, path: string): Tree {
  return path.split(".").reduce((here: Tree, name) => {
    const next = (here as { readonly [name: string]: Tree } | null)?.[name];
    if (next === undefined) throw missing(`${path}: there is no ${name}`);
    return next;
  }, tree);
}

/** The steps of a job in a workflow file. */
export function stepsOf(workflow: string, job: string): readonly WorkflowStep[] {
  return at(yamlExample(workflow), `jobs.${job}.steps`) as readonly WorkflowStep[];
}

/** `Key=value` of a systemd unit whose keys stand once each. */
export function unitExample(name: string): ReadonlyMap<string, string> {
  const lines = [...example(name).matchAll(/^(\w+)=(.*)$/gm)];
  return new Map(lines.map(([, key = "", value = ""]) => [key, value] as const));
}

function missing(what: string): PgmateError {
  return new PgmateError("tool", what);
}
