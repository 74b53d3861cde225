/** What a command is: its name, what it takes, and the one thing it calls. */

import type { Context } from "../engine/context.ts";
import type { Outcome } from "../engine/events.ts";
import type { CommandOptionName } from "../options.ts";

export interface Command {
  readonly name: string;
  readonly aliases: readonly string[];
  /** One line for help. */
  readonly summary: string;
  /** The one argument it needs, as help shows it; undefined for a command without. */
  readonly argument: string | undefined;
  /** All that the argument may be, where it is one of a few words. */
  readonly argumentValues?: readonly string[];
  /**
   * Set where it needs nothing of the project: no settings are read, no .env, and of the options of
   * every command only --help says anything to it.
   */
  readonly standsAlone?: true;
  /** Set where it takes any number of them, none too: they come as the words that are passed on. */
  readonly takesMany?: true;
  /** What to say to somebody who gives an argument where there is none. */
  readonly strayHint?: (argument: string) => string;
  readonly options: readonly CommandOptionName[];
  /** What the words behind `--` are, as help names them; undefined where they mean nothing. */
  readonly passesOn?: string;
  readonly run: (
    context: Context,
    argument: string,
    passedOn: readonly string[],
  ) => Promise<Outcome>;
}
