/** Makes and drops the target's database, and waits for its server. */

import { dropDatabase } from "../pg/admin.ts";
import type { Context } from "./context.ts";
import type { Outcome } from "./events.ts";
import { createOnServer, openMaintenance } from "./open-target.ts";
import { announce, resolveTarget } from "./target.ts";
import { waitForServer } from "./wait.ts";

export async function create(context: Context): Promise<Outcome> {
  const target = resolveTarget(context);
  if (context.config.wait) await waitForServer(context, target);
  if (target.kind === "server") await createOnServer(context, target, "refuse");
  else {
    const { createFolder } = await import("./embedded-target.ts");
    await createFolder(context, target);
  }
  return { kind: "done" };
}

export async function drop(context: Context): Promise<Outcome> {
  const target = resolveTarget(context);
  if (context.config.wait) await waitForServer(context, target);
  if (target.kind === "embedded") {
    const { dropFolder } = await import("./embedded-target.ts");
    await dropFolder(context, target);
    return { kind: "done" };
  }
  const connection = await openMaintenance(context, target);
  const { session } = connection;
  try {
    announce(context, target, connection);
    context.emit({ kind: "dropping-database", name: target.database });
    await dropDatabase(session, target.database, context.config.force ? "end" : "keep");
  } finally {
    await session.end();
  }
  return { kind: "done" };
}

export async function wait(context: Context): Promise<Outcome> {
  await waitForServer(context, resolveTarget(context));
  return { kind: "done" };
}
