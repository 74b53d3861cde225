/** Keeps the server at work: small steps are sent while those in front of them still run. */

import { isSmall, type Step } from "../core/step.ts";
import type { Applied, ApplyContext, SentAhead } from "../pg/apply.ts";
import { Pipeline } from "../pg/pipeline.ts";
import { type Flight, type Landed, sendAhead } from "../pg/send-ahead.ts";
import type { Context } from "./context.ts";
import type { LoadedStep } from "./migrations.ts";
import type { OpenTarget } from "./open-target.ts";

/** As many as the server works off while an answer is on its way, if each takes so long. */
const stepMs = 1;
const fewest = 4;
/** The more, the more the server says of those that it refused behind one that failed. */
const most = 32;

export interface AheadOptions {
  readonly open: OpenTarget;
  readonly steps: readonly LoadedStep[];
  /** How long one question to the server took. */
  readonly roundTripMs: number;
  /** Of a step that was never tried. */
  readonly contextOf: (loaded: LoadedStep, index: number) => ApplyContext;
}

/** One for a run; steps are taken in their order. */
export class RunAhead {
  readonly #context: Context;
  readonly #options: AheadOptions;
  readonly #pipeline: Pipeline;
  readonly #depth: number;
  readonly #sent = new Map<number, Flight>();
  /** When the last answer was read. */
  #answeredAt = Number.NEGATIVE_INFINITY;

  constructor(context: Context, options: AheadOptions) {
    this.#context = context;
    this.#options = options;
    const { connection } = options.open;
    this.#pipeline = new Pipeline(connection.session);
    // Behind a pooler the next message may meet another backend, and inside pgmate none is waited
    // for.
    const isDirect = connection.way?.by === "server";
    const wanted = Math.ceil(options.roundTripMs / stepMs);
    this.#depth = isDirect ? Math.min(most, Math.max(fewest, wanted)) : 0;
  }

  /** Whether it is on its way, so that what comes of it must be heard. */
  holds(index: number): boolean {
    return this.#sent.has(index);
  }

  /** Those that are on their way behind it. */
  behind(index: number): readonly Step[] {
    const { steps } = this.#options;
    return steps.filter((_step, at) => at > index && this.#sent.has(at)).map(({ step }) => step);
  }

  /** The try that was sent of it, undefined where none was; sends what may follow. */
  async take(index: number): Promise<SentAhead | undefined> {
    let last = index;
    while (this.#sent.has(last)) last += 1;
    for (let at = last; at < index + this.#depth; at += 1) {
      const before = at === index ? undefined : this.#options.steps[at - 1]?.step;
      if (before === undefined) await this.#send(at, before);
      // A fault in a later file, as one that was changed meanwhile, is told when its turn comes.
      else await this.#send(at, before).catch(() => {});
      if (!this.#sent.has(at)) break;
    }
    const sent = this.#sent.get(index);
    if (sent === undefined) return undefined;
    return {
      outcome: async () => {
        const ended = await sent.outcome();
        // Those behind it did not run then, and are to be sent again.
        if (ended.kind !== "done") {
          this.#sent.clear();
          return ended;
        }
        this.#sent.delete(index);
        return this.#timed(ended);
      },
    };
  }

  /** Several answers may be read at once, when only the server knows how long each took. */
  #timed({ kind, lastRowCount, sentAt, at, serverMs }: Landed): Applied {
    const began = Math.max(sentAt, this.#answeredAt);
    this.#answeredAt = at;
    return { kind, lastRowCount, ms: Math.max(serverMs, at - began) };
  }

  /** When all that was sent is answered; what came of it is not kept. Never rejects. */
  async drain(): Promise<void> {
    await this.#pipeline.drain();
    this.#sent.clear();
  }

  /** `before` is on its way. */
  async #send(index: number, before: Step | undefined): Promise<void> {
    const { steps, contextOf } = this.#options;
    const loaded = steps[index];
    if (loaded === undefined || !isSmall(loaded.step) || this.#context.signal.aborted) return;
    // A version that goes and comes back would leave open, after a loss, which of it was done.
    const { direction } = loaded.step.planned;
    if (before !== undefined && before.planned.direction !== direction) return;
    const sent = await sendAhead(contextOf(loaded, index), loaded.step, {
      pipeline: this.#pipeline,
      number: index,
      isBehind: before !== undefined,
      onNotice: (notice) => this.#context.emit({ kind: "server-notice", notice }),
    });
    this.#sent.set(index, sent);
  }
}
