import { expect, test } from "bun:test";
import { withTargetOptions } from "./named-commands.ts";

test.each([
  ["run `pgmate up` again", "run `pgmate up --env=X` again"],
  ["`pgmate up --resume skip`, or `pgmate force 1`",
    "`pgmate up --resume skip --env=X`, or `pgmate force 1 --env=X`"],
  ["run `pgmate dump -- --exclude-schema=a` again",
    "run `pgmate dump --env=X -- --exclude-schema=a` again"],
  ["`drop index x;` by hand, pgmate status tells", "`drop index x;` by hand, pgmate status tells"],
])("%s", (text, expected) => {
  expect(withTargetOptions(text, "--env=X")).toBe(expected);
  expect(withTargetOptions(text, "")).toBe(text);
});
