/** The ways to end a run before its time. */
import type { Striker } from "./harm-case.ts";
import type { RestartingServer } from "./restarting-server.ts";

/** `kill -9` of pgmate itself. */
export const killing: Striker = {
  name: "kill -9",
  async strike({ program }) {
    program.signal("SIGKILL");
    return (await program.result).status === 137;
  },
  status: 137,
  hits: "one",
};

/** Whatever sessions pgmate has are ended by the server. */
export const terminating: Striker = {
  name: "pg_terminate_backend",
  async strike({ stage, database }) {
    const ended = await stage.server.query(
      "postgres",
      "select pg_terminate_backend(pid) from pg_stat_activity" +
        " where datname = $1 and application_name like 'pgmate%'",
      [database],
    );
    return ended.length > 0;
  },
  status: 2,
  hits: "all",
};

/** A server that is back at once is met by the run's own look at what was kept, another is not. */
export function crashing(server: RestartingServer): Striker {
  return {
    name: "crash of the server",
    async strike({ program, random }) {
      let ended = false;
      void program.result.then(() => (ended = true), () => (ended = true));
      await Bun.sleep(0);
      const landed = !ended;
      await server.crash(random.pick([0, 0, 300, 1_500]));
      return landed;
    },
    status: 2,
    hits: "all",
  };
}
