/** Which names point to which, asked from the other end without looking at all of them. */

export class NameLinks {
  readonly #targets = new Map<string, readonly string[]>();
  readonly #sources = new Map<string, Set<string>>();

  /** From now on `from` points to these and to no others. */
  set(from: string, to: readonly string[]): void {
    const before = this.#targets.get(from) ?? [];
    if (before.length === 0 && to.length === 0) return;
    for (const name of before) this.#sources.get(name)?.delete(from);
    if (to.length === 0) this.#targets.delete(from);
    else this.#targets.set(from, to);
    for (const name of to) {
      const known = this.#sources.get(name);
      if (known === undefined) this.#sources.set(name, new Set([from]));
      else known.add(from);
    }
  }

  /** Those that point to it, in the order in which they began to. */
  to(name: string): readonly string[] {
    return [...(this.#sources.get(name) ?? [])];
  }
}
