/** Durations as Go writes and reads them, which is what dbmate's users and scripts know. */

const nanosecondsByUnit: Readonly<Record<string, number>> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 6e10,
  h: 3.6e12,
};

/** Go counts nanoseconds in 64 bits: no duration is longer than 292 years. */
const longestNanoseconds = 2 ** 63;

/** Milliseconds, or undefined where the text is no duration (`90` without a unit is none). */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith("-") ? -1 : 1;
  const body = text.replace(/^[+-]/, "");
  if (body === "0") return 0;
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/u.test(body)) return undefined;
  let nanoseconds = 0;
  for (const [, amount, unit] of body.matchAll(/(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu)) {
    nanoseconds += Number(amount) * (nanosecondsByUnit[unit ?? ""] ?? 0);
  }
  if (nanoseconds > longestNanoseconds) return undefined;
  return (sign * Math.round(nanoseconds)) / 1e6;
}

/** `882.286µs`, `2.4505ms`, `1.5s`, `1m2.5s`: at most nanoseconds, trailing zeros cut. */
export function formatDuration(ms: number): string {
  const nanoseconds = Math.round(ms * 1e6);
  if (nanoseconds === 0) return "0s";
  if (nanoseconds < 0) return `-${formatDuration(-ms)}`;
  if (nanoseconds < 1e3) return `${nanoseconds}ns`;
  if (nanoseconds < 1e6) return `${decimal(nanoseconds, 3)}µs`;
  if (nanoseconds < 1e9) return `${decimal(nanoseconds, 6)}ms`;
  const wholeMinutes = Math.floor(nanoseconds / 6e10);
  const seconds = `${decimal(nanoseconds - wholeMinutes * 6e10, 9)}s`;
  if (wholeMinutes === 0) return seconds;
  const hours = Math.floor(wholeMinutes / 60);
  return `${hours === 0 ? "" : `${hours}h`}${wholeMinutes % 60}m${seconds}`;
}

/** For sentences: `0.2 s`, `12 s`, `3 min 20 s`. */
export function roughDuration(ms: number): string {
  const tenths = Math.round(ms / 100);
  if (tenths < 10) return `${tenths / 10} s`;
  const seconds = Math.round(ms / 1000);
  if (seconds < 120) return `${seconds} s`;
  const rest = seconds % 60;
  return `${Math.floor(seconds / 60)} min${rest === 0 ? "" : ` ${rest} s`}`;
}

function decimal(value: number, digits: number): string {
  const text = value.toString().padStart(digits + 1, "0");
  const whole = text.slice(0, -digits);
  const fraction = text.slice(-digits).replace(/0+$/, "");
  return fraction === "" ? whole : `${whole}.${fraction}`;
}
