/** The README's fenced blocks: which are commands, and what they are said to print. */

/** A command of a session, and what stands below it. */
export interface SessionCommand {
  readonly command: string;
  /** Without the blank lines at its end. */
  readonly output: string;
}

export interface ReadmeBlock {
  /** `sh`: commands, of which each must succeed; `console`: commands behind `$ ` with output. */
  readonly language: string;
  /** What follows the language: the stage on which it is run, or `not run: …` with the reason. */
  readonly stage: string;
  readonly text: string;
  /** Of its first fence, from 1. */
  readonly line: number;
}

/** All blocks in their order, of whatever language. */
export function readmeBlocks(readme: string): readonly ReadmeBlock[] {
  const pattern = /^```([a-z]*)(?: ([^\n]*))?\n([^]*?)^```$/gm;
  return [...readme.matchAll(pattern)].map((match) => ({
    language: match[1] ?? "",
    stage: match[2] ?? "",
    text: match[3] ?? "",
    line: readme.slice(0, match.index).split("\n").length,
  }));
}

export function sessionCommands({ text }: Pick<ReadmeBlock, "text">): readonly SessionCommand[] {
  return text.split(/^\$ /m).slice(1).map((part) => {
    const [command = "", ...output] = part.split("\n");
    return { command, output: output.join("\n").trimEnd() };
  });
}

/** The block's text again. */
export function sessionText(commands: readonly SessionCommand[]): string {
  const parts = commands.map(({ command, output }) =>
    output === "" ? `$ ${command}\n` : `$ ${command}\n${output}\n`,
  );
  // What prints nothing stands close to what follows it.
  return parts.map((part, index) =>
    index + 1 < parts.length && commands[index]?.output !== "" ? `${part}\n` : part,
  ).join("");
}

/** What is another one each time, and nothing else. */
const varying: readonly (readonly [what: string, pattern: RegExp, stands: string])[] = [
  ["the server's port", /\blocalhost:\d+/g, "localhost:5432"],
  ["how long a migration took", /\b\d+(?:\.\d+)?(?:ms|µs|s)\b/g, "TIME"],
  ["how long it took, or was waited", /\b\d+(?:\.\d+)? (?:ms|s)\b/g, "TIME"],
  ["how long it took, in a log", /"durationMs":\d+/g, "\"durationMs\":0"],
  ["when a migration was applied", /\b\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/g, "DATE"],
  ["when a plan was made, or a line of a log", /\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z/g, "DATE"],
  ["the process of another session", /\bpid \d+/g, "pid N"],
  ["the time in a new migration's name", /\b\d{14}_create_rooms\b/g, "VERSION_create_rooms"],
  ["git's names of files", /^index [0-9a-f]+\.\.[0-9a-f]+/gm, "index OLD..NEW"],
];

/** Two outputs are the same if these are. */
export function withoutVarying(output: string): string {
  return varying.reduce((text, [, pattern, stands]) => text.replace(pattern, stands), output);
}
