/** The two streams: the only place that writes to them. */

export interface Output {
  /** The payload, and the lines that scripts read. */
  out(text: string | Uint8Array): Promise<void>;
  /** Everything else. */
  err(text: string): void;
  readonly errStyle: "plain" | "colour";
  /** Resolves when all that was written has left the process. */
  flush(): Promise<void>;
}

/** A reader that has gone away does not end a run half way: what is written then is dropped. */
export function standardOutput(noColour: string | undefined): Output {
  process.stdout.on("error", () => {});
  process.stderr.on("error", () => {});
  const colour = process.stderr.isTTY === true && (noColour ?? "") === "";
  return {
    out: (text) => write(process.stdout, text),
    err: (text) => void process.stderr.write(text),
    errStyle: colour ? "colour" : "plain",
    flush: async () => {
      await write(process.stdout, "");
      await write(process.stderr, "");
    },
  };
}

function write(stream: NodeJS.WriteStream, text: string | Uint8Array): Promise<void> {
  return new Promise((resolve) => {
    stream.write(text, () => resolve());
  });
}
