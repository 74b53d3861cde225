/** The command line as it could be typed again, for what is told of a run. */

/** Texts by the option's name; a flag's are "true" or "false". */
type Options = ReadonlyMap<string, readonly string[]>;

/** These decide what a command is about; of the rest each command has its own. */
const targets: readonly string[] = [
  "env", "env-file", "migrations-dir", "migrations-table", "schema-file",
];

/** The URL may hold a password: that there was one is all that is told of it. */
export function targetOptions(options: Options): string {
  const words = optionWords(options, (name) => targets.includes(name));
  return [...(options.has("url") ? ["--url=…"] : []), ...words].join(" ");
}

/** They change what is told, not what is done. */
const telling: readonly string[] = ["log-format", "log-level"];

/** As it could be typed again, without the target options and the answer to a question. */
export function commandLine(
  command: readonly string[],
  options: Options,
  passedOn: readonly string[],
): string {
  const left = ["url", "resume", ...targets, ...telling];
  const words = optionWords(options, (name) => !left.includes(name));
  const rest = passedOn.length === 0 ? [] : ["--", ...passedOn.map(quoted)];
  const named = command.filter((word) => word !== "").map(quoted);
  return ["pgmate", ...named, ...words, ...rest].join(" ");
}

function optionWords(
  options: Options,
  isMeant: (name: string) => boolean,
): readonly string[] {
  return [...options].filter(([name]) => isMeant(name)).flatMap(([name, values]) =>
    values.map((value) => quoted(value === "true" ? `--${name}` : `--${name}=${value}`)),
  );
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", "'\\''")}'`;
}
