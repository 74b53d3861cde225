/** Which signals the caller wants a program not to hear, as `nohup` and shells say it. */

/** The numbers of the ignored signals, from the text of Linux' `/proc/self/status`. */
export function ignoredSignals(status: string): ReadonlySet<number> {
  const mask = BigInt(`0x${/^SigIgn:\s*([\da-f]+)$/im.exec(status)?.[1] ?? "0"}`);
  const numbers = Array.from({ length: 64 }, (_, index) => index + 1);
  return new Set(numbers.filter((number) => (mask >> BigInt(number - 1)) % 2n === 1n));
}
