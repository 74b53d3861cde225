/** Runs the built pgmate on a terminal of its own, as a person does: types, reads, Ctrl-C. */
import { constants } from "node:os";
import { PgmateError } from "../errors.ts";
import { binary } from "./program.ts";

export interface TerminalRun {
  /** All that has been shown so far: stdout, stderr and what was typed; lines end with CR LF. */
  shown(): string;
  /** `\x03` is Ctrl-C, `\x04` Ctrl-D. */
  type(keys: string): void;
  /** As when its window is closed. */
  hangUp(): void;
  /** Until it is shown; throws when that takes too long. */
  until(text: string): Promise<void>;
  /** As a shell sees it. */
  readonly status: Promise<number>;
}

const patienceMs = 15_000;

export interface TerminalOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  /** A script that runs there instead; it has pgmate's path as $0 and the arguments as $@. */
  readonly shell?: string;
}

export function onTerminal(args: readonly string[], options: TerminalOptions): TerminalRun {
  let shown = "";
  const decoder = new TextDecoder();
  const { shell } = options;
  const command = shell === undefined ? [binary] : ["/bin/sh", "-c", shell, binary];
  const child = Bun.spawn([...command, ...args], {
    cwd: options.cwd,
    env: { PATH: "/usr/local/bin:/usr/bin:/bin", TZ: "UTC", HOME: options.cwd, ...options.env },
    terminal: {
      cols: 100,
      rows: 30,
      data: (_terminal, data) => {
        shown += decoder.decode(data, { stream: true });
      },
    },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), 2 * patienceMs);
  return {
    shown: () => shown,
    type: (keys) => void child.terminal?.write(keys),
    hangUp: () => child.terminal?.close(),
    until: async (text) => {
      const deadline = performance.now() + patienceMs;
      while (!shown.includes(text)) {
        if (performance.now() > deadline) {
          child.kill("SIGKILL");
          throw new PgmateError("tool", `${text} was not shown, but: ${shown}`);
        }
        await Bun.sleep(10);
      }
    },
    status: child.exited.then((code) => {
      const signal = child.signalCode;
      clearTimeout(timer);
      if (child.terminal?.closed === false) child.terminal.close();
      return signal === null ? code : 128 + Number(constants.signals[signal as NodeJS.Signals]);
    }),
  };
}
