// Divides the test files into what two rows of processes take, one batch after another.

/** Those that take a minute or more: one that began late would be waited for by itself. */
const longest: readonly string[] = [
  "src/dbmate.test.ts", "src/dbmate-dump-text.test.ts", "src/dockerfile.e2e.test.ts",
  "src/every-kind.e2e.test.ts", "src/dbmate-dump.test.ts", "src/size.e2e.test.ts",
];

/** Each starts servers of its own; fewer would be longer, and one row waits for the last. */
const laterBatches = 6;

/** Two large ones to begin with; then small ones, so that no row ends long before the other. */
export function batches(files: readonly string[]): string[][] {
  const known = longest.filter((file) => files.includes(file));
  const others = files.filter((file) => !longest.includes(file)).toSorted();
  const first: string[][] = [[], []];
  const later: string[][] = Array.from({ length: laterBatches }, () => []);
  [...known, ...others].forEach((file, index) => {
    const turn = Math.floor(index / 4);
    const isLater = index >= known.length && index % 4 === 3;
    if (isLater) later[turn % laterBatches]?.push(`./${file}`);
    else first[(index - turn) % 2]?.push(`./${file}`);
  });
  return [...first, ...later].filter((batch) => batch.length > 0);
}
