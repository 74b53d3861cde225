/** Sends a step before those in front of it are answered, so that none of them is waited for. */

import type { Step } from "../core/step.ts";
import { markStepSql, notRunText } from "../core/step-sql.ts";
import type { ServerMessage } from "../errors.ts";
import { addTransaction, type ApplyContext, stepTry } from "./apply.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Sent } from "./sent.ts";
import type { StepFailure } from "./step-failure.ts";

export interface Ahead {
  readonly pipeline: Pipeline;
  /** Its place in the run. */
  readonly number: number;
  /** Whether the one before it is not answered yet. */
  readonly isBehind: boolean;
  readonly onNotice: (notice: ServerMessage) => void;
}

/** A step that went well, with what tells how long it took. */
export interface Landed {
  readonly kind: "done";
  readonly lastRowCount: number | undefined;
  readonly sentAt: number;
  /** When its answer was read. */
  readonly at: number;
  /** By the server's clock, from its message to the end of it but for the commit. */
  readonly serverMs: number;
}

export interface Flight {
  /** As `SentAhead` has it. */
  outcome(): Promise<Landed | StepFailure | typeof notRun>;
}

/**
 * Sends a step (`isSmall`) without waiting for those before it. What keeps it from running where
 * one of them fails: the transaction which that leaves aborted, and else what each tells the
 * session when it commits.
 */
export async function sendAhead(
  context: ApplyContext,
  step: Step,
  { pipeline, number, isBehind, onNotice }: Ahead,
): Promise<Flight> {
  const { session, clock } = context;
  const { sender, transaction } = stepTry(context, step, isBehind ? number - 1 : undefined);
  await addTransaction(context, sender, { ...transaction, mark: markStepSql(number) });
  const message = sender.take();
  const notices = new HeldNotices(onNotice);
  const sentAt = clock.now();
  const answer = pipeline
    .send(message.bytes(), (notice) => notices.add(notice))
    .then((answered) => ({ ...answered, at: clock.now() }));
  // Whoever never comes to ask for it hears of a loss by another.
  answer.catch(() => {});
  return {
    outcome: async () => {
      notices.release();
      const { sent, lastText, at } = await answer;
      if (sent.kind === "done") {
        sender.judge(sent, message);
        const { lastRowCount } = sender;
        return { kind: "done", lastRowCount, sentAt, at, serverMs: Number(lastText ?? 0) };
      }
      await pipeline.drain();
      if (session.transactionState !== "I") await session.send("rollback");
      return isNotRun(sent) ? { kind: "not-run" } : (sender.judge(sent, message) ?? notRun);
    },
  };
}

const notRun = { kind: "not-run" } as const;
const abortedTransaction = "25P02";

function isNotRun({ message, completed }: Extract<Sent, { kind: "failed" }>): boolean {
  return message.message.includes(notRunText)
    || (message.code === abortedTransaction && completed === 0);
}

/** What the server says of a step is told when the step's turn has come. */
class HeldNotices {
  readonly #tell: Ahead["onNotice"];
  #held: ServerMessage[] | undefined = [];

  constructor(tell: Ahead["onNotice"]) {
    this.#tell = tell;
  }

  add(notice: ServerMessage): void {
    if (this.#held === undefined) this.#tell(notice);
    else this.#held.push(notice);
  }

  release(): void {
    for (const notice of this.#held ?? []) this.#tell(notice);
    this.#held = undefined;
  }
}
