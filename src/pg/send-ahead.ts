/** Sends a step before those in front of it are answered, so that none of them is waited for. */

import type { Step } from "../core/step.ts";
import { markStepSql, notRunText } from "../core/step-sql.ts";
import type { ServerMessage } from "../errors.ts";
import { addTransaction, type ApplyContext, type SentAhead, stepTry } from "./apply.ts";
import type { Pipeline } from "./pipeline.ts";
import type { Sent } from "./sent.ts";

export interface Ahead {
  readonly pipeline: Pipeline;
  /** Its place in the run. */
  readonly number: number;
  /** Whether the one before it is not answered yet. */
  readonly isBehind: boolean;
  readonly onNotice: (notice: ServerMessage) => void;
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
): Promise<SentAhead> {
  const { session } = context;
  const { sender, transaction } = stepTry(context, step, isBehind ? number - 1 : undefined);
  await addTransaction(context, sender, { ...transaction, mark: markStepSql(number) });
  const message = sender.take();
  const notices = new HeldNotices(onNotice);
  const answer = pipeline.send(message.bytes(), (notice) => notices.add(notice));
  // Whoever never comes to ask for it hears of a loss by another.
  answer.catch(() => {});
  return {
    outcome: async () => {
      notices.release();
      const sent = await answer;
      if (sent.kind === "done") {
        sender.judge(sent, message);
        return { kind: "done", lastRowCount: sender.lastRowCount };
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
