/** Numbers that look random, the same for the same seed, so that a failure can be met again. */

export interface Random {
  /** A whole number from 0, below the limit. */
  below(limit: number): number;
  /** True as often as so many times in a hundred. */
  percent(chance: number): boolean;
  pick<T>(items: readonly T[]): T;
}

/** Mulberry32: small, fast, and even enough for making test data. */
export function seeded(seed: number): Random {
  let state = seed >>> 0;
  const below = (limit: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * limit);
  };
  return {
    below,
    percent: (chance) => below(100) < chance,
    pick: (items) => items[below(items.length)] as (typeof items)[number],
  };
}
