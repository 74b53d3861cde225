/** One line at the foot of a terminal that is written over in place. */

export interface Terminal {
  write(text: string): void;
  /** 0 where it does not say. */
  columns(): number;
}

const usualColumns = 80;
const eraseToEnd = "\u001b[K";

export class LiveLine {
  readonly #terminal: Terminal;
  #shown = "";

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The text stands there until something else is shown; what is too wide for it is cut. */
  show(text: string): void {
    const columns = this.#terminal.columns() || usualColumns;
    // Some terminals break the line already when its last column is written.
    this.#shown = cutToWidth(text.replace(/\s+/g, " "), columns - 1);
    this.#terminal.write(`\r${this.#shown}${eraseToEnd}`);
  }

  /** To be called before anything else is written. */
  clear(): void {
    if (this.#shown === "") return;
    this.#shown = "";
    this.#terminal.write(`\r${eraseToEnd}`);
  }
}

/** What one sees as a character is never cut in two, and may be two columns wide. */
export function cutToWidth(text: string, columns: number): string {
  if (Bun.stringWidth(text) <= columns) return text;
  let cut = "";
  let width = 0;
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    width += Bun.stringWidth(segment);
    if (width > columns - 1) break;
    cut += segment;
  }
  return `${cut}…`;
}
