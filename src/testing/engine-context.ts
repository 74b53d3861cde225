/** A context for engine code that is tested in this process: real time, and events to look at. */
import { resolveConfig } from "../config.ts";
import type { Clock } from "../core/clock.ts";
import type { Context } from "../engine/context.ts";
import type { Event } from "../engine/events.ts";

export interface EngineContext extends Context {
  /** What was emitted so far. */
  readonly events: readonly Event[];
  /** As a signal would. */
  abort(): void;
}

const clock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  random: () => Math.random(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const timer = setTimeout(done, Math.max(0, ms));
      function done(): void {
        clearTimeout(timer);
        signal.removeEventListener("abort", done);
        resolve();
      }
      signal.addEventListener("abort", done);
    }),
};

/** `flags` as on the command line, without their dashes. */
export function engineContext(flags: Readonly<Record<string, string>>): EngineContext {
  const events: Event[] = [];
  const controller = new AbortController();
  const config = resolveConfig({
    flags: new Map(Object.entries(flags).map(([name, value]) => [name, [value]])),
    taken: [],
    environment: {},
    envFile: new Map(),
    toml: undefined,
  });
  return {
    config,
    clock,
    identity: {
      version: "0", command: "up", invocation: "pgmate up", host: "test", pid: process.pid,
      user: "test", home: "/nonexistent", platform: "linux",
    },
    emit: (event) => void events.push(event),
    confirm: undefined,
    signal: controller.signal,
    events,
    abort: () => controller.abort("interrupted"),
  };
}
