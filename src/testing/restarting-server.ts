/** A server that comes up again by itself after a crash, as under systemd or in a container. */
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { PgmateError } from "../errors.ts";
import type { ServerRequest, TestServer } from "./servers.ts";
import { startServer } from "./servers.ts";

export interface RestartingServer extends TestServer {
  /**
   * What `pg_ctl stop -m immediate` and `pg_ctl start` do: every backend dies in the midst of its
   * work, and the server recovers from its log. Resolves when it takes connections again.
   */
  crash(downMs: number): Promise<void>;
}

const restartWaitMs = 90_000;
const pollMs = 2;

/**
 * The trap is for the end of all; a crash goes to the program itself, past this shell. A server
 * whose data are gone has nothing to come back to: it would be started for ever.
 */
const supervisor = `
trap 'ended=1; kill -QUIT "$program"' QUIT
while [ -z "$ended" ] && [ -d "$3" ]; do
  "$@" &
  program=$!
  wait "$program"
  while kill -0 "$program" 2>/dev/null; do wait "$program"; done
  while [ -z "$ended" ] && [ -e "$3.down" ] && [ -d "$3" ]; do sleep 0.01; done
done
`;

/** Without synchronous_commit a crash may lose what the server said was committed. */
const durable = { synchronous_commit: "on" };

export async function startRestartingServer(request: ServerRequest): Promise<RestartingServer> {
  const settings = { ...durable, ...request.settings };
  const server = await startServer({ ...request, settings, supervisor });
  return {
    ...server,
    async crash(downMs) {
      const before = postmaster(server);
      if (before === undefined) throw new PgmateError("tool", "the server is not there");
      const down = `${server.dataFolder}.down`;
      writeFileSync(down, "");
      process.kill(before.pid, "SIGQUIT");
      await Bun.sleep(downMs);
      rmSync(down);
      const deadline = performance.now() + restartWaitMs;
      for (;;) {
        const now = postmaster(server);
        if (now !== undefined && now.pid !== before.pid && now.isReady) return;
        if (performance.now() > deadline) {
          const state = server.logText();
          throw new PgmateError("tool", "the server did not come back", { state });
        }
        await Bun.sleep(pollMs);
      }
    },
  };
}

/** What stands in postmaster.pid; undefined while there is no such file, or half of one. */
function postmaster(
  server: TestServer,
): { readonly pid: number; readonly isReady: boolean } | undefined {
  try {
    const text = readFileSync(join(server.dataFolder, "postmaster.pid"), "utf8");
    const pid = Number(/^\d+\n/.exec(text)?.[0]);
    return pid > 0 ? { pid, isReady: /^ready\s*$/m.test(text) } : undefined;
  } catch {
    return undefined;
  }
}
