/** Which signals the caller wants a program not to hear, as `nohup` and shells say it. */

/** The numbers of the ignored signals, from the text of Linux' `/proc/self/status`. */
export function ignoredSignals(status: string): ReadonlySet<number> {
  const mask = BigInt(`0x${/^SigIgn:\s*([\da-f]+)$/im.exec(status)?.[1] ?? "0"}`);
  const numbers = new Set<number>();
  for (let [rest, number] = [mask, 1]; rest > 0n; rest >>= 1n, number += 1) {
    if ((rest & 1n) === 1n) numbers.add(number);
  }
  return numbers;
}
