/** Real shells with pgmate's completions: bash and zsh are driven by keys, fish is asked. */
import { PgmateError } from "../errors.ts";
import type { Shell } from "../core/shell.ts";

/** A word that the shell lists, with what it says beside it. */
export interface Listed {
  readonly word: string;
  readonly meaning: string;
}

export interface InteractiveShell {
  /** What it shows where a person asks for the list behind these words. */
  lists(line: string): Promise<readonly Listed[]>;
  /** The arguments that pgmate gets when the keys are typed, then Enter; fish has none. */
  runs(keys: string): Promise<readonly string[]>;
  [Symbol.asyncDispose](): Promise<void>;
}

export interface ShellOptions {
  /** Of the program, as `oracle` finds it. */
  readonly path: string;
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Lines that it is given first, such as the one that reads the completions. */
  readonly setup: readonly string[];
}

export function interactiveShell(name: Shell, options: ShellOptions): Promise<InteractiveShell> {
  switch (name) {
    case "bash":
      return interactiveBash(options);
    case "zsh":
      return interactiveZsh(options);
    case "fish":
      return Promise.resolve(askedFish(options));
  }
}

const patienceMs = 30_000;
/** A shell that shows its prompt reads keys as they come. */
const prompt = "<prompt>";
const ended = /<end>[^]*<prompt>/;
/** What pgmate is there: it says which arguments came, byte for byte. */
const program = `pgmate() { printf '<%s>' "$@"; printf '\\n<%s>\\n' end; }`;

class Typed {
  #shown = "";
  readonly #child: Bun.Subprocess;

  constructor(command: readonly string[], { cwd, env = {} }: ShellOptions) {
    const decoder = new TextDecoder();
    this.#child = Bun.spawn([...command], {
      cwd,
      env: { ...shellEnvironment(cwd), ...env },
      terminal: {
        cols: 400,
        rows: 400,
        data: (_terminal, data) => {
          this.#shown += decoder.decode(data, { stream: true });
        },
      },
    });
  }

  /** What is shown from now on until it is like that. */
  async type(keys: string, until: RegExp): Promise<string> {
    this.#shown = "";
    this.#child.terminal?.write(keys);
    const deadline = performance.now() + patienceMs;
    while (!until.test(this.#shown)) {
      if (performance.now() > deadline || this.#child.exitCode !== null) {
        throw new PgmateError("tool", `${until} was not shown, but: ${this.#shown}`);
      }
      await Bun.sleep(2);
    }
    return plain(this.#shown);
  }

  async close(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#child.exited;
    this.#child.terminal?.close();
  }
}

/** No pgmate is on the path: whatever completes does so without it. */
function shellEnvironment(home: string): Readonly<Record<string, string>> {
  return { PATH: "/usr/local/bin:/usr/bin:/bin", HOME: home, TERM: "xterm", LANG: "C.UTF-8" };
}

/** Without what moves the cursor and sets colours. */
function plain(shown: string): string {
  return shown.replace(/\x1b(?:\[[0-9;?]*[ -/]*[@-~]|[()][0-9A-Z]|[=>78DEHM])/g, "")
    .replace(/[\0\r]/g, "");
}

async function interactiveBash(options: ShellOptions): Promise<InteractiveShell> {
  const typed = new Typed([options.path, "--norc", "--noprofile", "-i"], options);
  const settings = [
    "completion-query-items 0", "page-completions off", "completion-display-width 0",
    "enable-bracketed-paste off",
  ];
  await typed.type("PS1='<pro''mpt>'\n", new RegExp(prompt));
  for (const line of [
    ...settings.map((one) => `bind 'set ${one}'`), program, ...options.setup,
  ]) {
    await typed.type(`${line}\n`, new RegExp(prompt));
  }
  return shell(typed, async (line) => {
    const shown = await typed.type(`${line}\x1b?\x15printf '<%s>' end\n`, ended);
    // Below the list there is the line again, with what ends it.
    const lines = shown.split("\n");
    const last = lines.findIndex((one, index) => index > 0 && one.startsWith(prompt));
    if (last > 0) {
      return lines.slice(1, last).map((one) => listed(one, /^(\S.*?)(?: {2,}(.*))?$/));
    }
    // One word is put in at times, where a list was asked for.
    const [, word = ""] = /([^ =]+)\/? printf '/.exec(lines[0] ?? "") ?? [];
    return word === "" ? [] : [{ word, meaning: "" }];
  });
}

async function interactiveZsh(options: ShellOptions): Promise<InteractiveShell> {
  const typed = new Typed([options.path, "-f", "-i"], options);
  await typed.type("PS1='<pro''mpt>'; unsetopt prompt_sp prompt_cr\n", new RegExp(prompt));
  for (const line of [
    // To look through all functions takes seconds: what was found is kept.
    "unset zle_bracketed_paste; autoload -Uz compinit; compinit -u -d $HOME/.zcompdump",
    "show() { zle list-choices; zle -R; print -r '<end>'; zle kill-whole-line; zle reset-prompt }",
    "zle -N show; bindkey '^Xs' show; LISTMAX=0; unsetopt list_types always_last_prompt",
    program, ...options.setup,
  ]) {
    await typed.type(`${line}\n`, new RegExp(prompt));
  }
  return shell(typed, async (line) => {
    const shown = await typed.type(`${line}\x18s`, ended);
    const lines = shown.split("<end>")[0]?.split("\n").slice(1) ?? [];
    return lines.flatMap((one) => {
      if (one.trim() === "" || one.startsWith(prompt)) return [];
      const { word, meaning } = listed(one.trimEnd(), /^(\S.*?)(?: +-- (.*))?$/);
      return word.split(/ {2,}/).map((each) => ({ word: each, meaning }));
    });
  });
}

/** It says what completes without a terminal. */
function askedFish({ path, cwd, env = {}, setup }: ShellOptions): InteractiveShell {
  return {
    lists: async (line) => {
      const script = [...setup, "complete -C $argv[1]"].join("\n");
      const child = Bun.spawn([path, "--no-config", "-c", script, line], {
        cwd, env: { ...shellEnvironment(cwd), ...env }, stdout: "pipe", stderr: "pipe",
      });
      const [shown, said] = await Promise.all([
        new Response(child.stdout).text(), new Response(child.stderr).text(),
      ]);
      if (said !== "" || (await child.exited) !== 0) throw new PgmateError("tool", said);
      const begun = line.slice(line.lastIndexOf(" ") + 1);
      return shown.split("\n").flatMap((one) => {
        const [word = "", meaning = ""] = one.split("\t");
        // Where nothing begins so, fish offers what has the letters somewhere.
        return word !== "" && word.startsWith(begun) ? [{ word, meaning }] : [];
      });
    },
    runs: () => Promise.reject(new PgmateError("tool", "fish has no terminal here")),
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
}

function listed(line: string, form: RegExp): Listed {
  const [, word = "", meaning = ""] = form.exec(line) ?? [];
  return { word, meaning };
}

function shell(typed: Typed, lists: InteractiveShell["lists"]): InteractiveShell {
  return {
    lists,
    runs: async (keys) => {
      const shown = await typed.type(`${keys}\n`, ended);
      const [before = ""] = shown.split("\n<end>\n");
      const line = before.split("\n").at(-1);
      return [...(line ?? "").matchAll(/<([^<>]*)>/g)].map(([, word = ""]) => word);
    },
    [Symbol.asyncDispose]: () => typed.close(),
  };
}
