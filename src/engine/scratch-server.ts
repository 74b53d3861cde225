/** Makes a scratch database on a server, and drops it whatever happened meanwhile. */

import type { Clock } from "../core/clock.ts";
import { type ServerTarget, withDatabase } from "../core/database-url.ts";
import { quoteIdentifier } from "../core/identifier.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import { dropDatabase } from "../pg/admin.ts";
import type { Connection } from "../pg/connect.ts";
import type { Session } from "../pg/session.ts";
import type { Context } from "./context.ts";
import type { OpenTarget } from "./open-target.ts";
import { openServer } from "./target.ts";

/** By which somebody finds what a killed run has left. */
const namePrefix = "pgmate_scratch_";

/**
 * The URL's own database is where it is made from, and is not touched. Its session stays open for
 * the drop, since after an interrupt no other could be opened. `own` is the context with the URL
 * of the scratch server.
 */
export async function makeScratchDatabase(
  context: Context,
  own: Context,
  target: ServerTarget,
): Promise<OpenTarget> {
  const keeper = await openServer(own, target, "write");
  const name = scratchName(context.clock);
  let scratch: Connection | undefined;
  const close = async (): Promise<void> => {
    await scratch?.session.end();
    await remove(context, keeper, name);
  };
  try {
    await create(keeper.session, name);
    const made = withDatabase(target, name);
    scratch = await openServer(own, made, "write");
    return { target: made, connection: scratch, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function scratchName(clock: Clock): string {
  const digits = Array.from({ length: 12 }, () => Math.floor(clock.random() * 36).toString(36));
  return `${namePrefix}${digits.join("")}`;
}

/** From template0: what somebody put into template1 would be in the way of the schema. */
async function create(session: Session, name: string): Promise<void> {
  const sent = await session.send(`create database ${quoteIdentifier(name)} template template0`);
  if (sent.kind === "failed") throw uncreated(sent.message);
  // Only for whoever finds it after a kill; without the right to say so it says nothing.
  await session.send(
    `comment on database ${quoteIdentifier(name)} is ` +
      "'scratch database of pgmate plan --rehearse; what is left of a killed run may be dropped'",
  );
}

function uncreated(message: ServerMessage): PgmateError {
  return new PgmateError("server", `no scratch database could be made: ${message.message}`, {
    server: message,
    hint:
      message.code === "42501"
        ? "the role of --scratch needs CREATEDB"
        : "leave --scratch out to rehearse in the embedded Postgres",
    state: "nothing was changed",
  });
}

async function remove(context: Context, keeper: Connection, name: string): Promise<void> {
  try {
    await dropDatabase(keeper.session, name, "end");
  } catch (error) {
    if (!(error instanceof PgmateError)) throw error;
    context.emit({
      kind: "warning",
      message:
        `the scratch database ${name} could not be dropped: ${error.message}; ` +
        `do it yourself: drop database ${name}`,
    });
  } finally {
    await keeper.session.end();
  }
}
