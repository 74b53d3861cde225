/** Whether a review's answer is yes or no, and what every document of one says of itself. */

import type { Config } from "../config.ts";
import { nearest } from "../core/nearest.ts";
import { isOfClass } from "../core/review/judge.ts";
import { allFindings, type Review, type ReviewDocument } from "../core/review/review.ts";
import { allRules } from "../core/review/rules.ts";
import { realPathOf } from "../disk/migration-files.ts";
import { PgmateError } from "../errors.ts";
import type { Context } from "./context.ts";

/** No where a finding that counts is of that class or worse; an error is a no of its own. */
export function answerOf(review: Review, failOn: ReviewDocument["failOn"]): "yes" | "no" {
  const least = failOn ?? "error";
  return allFindings(review).some((finding) => isOfClass(finding, least)) ? "no" : "yes";
}

export function documentBase(
  { identity, clock }: Context,
): Pick<ReviewDocument, "pgmateVersion" | "madeAt"> {
  return { pgmateVersion: identity.version, madeAt: clock.date().toISOString() };
}

/** Throws `usage`: a report in a migration's place would lose the migration. */
export function refuseOverwriting(
  { outputFile }: Config,
  files: readonly { readonly path: string }[],
): void {
  if (outputFile === "") return;
  const real = realPathOf(outputFile);
  if (!files.some(({ path }) => realPathOf(path) === real)) return;
  throw new PgmateError("usage", `--output names a migration: ${outputFile}`, {
    hint: "name a file that is not one of those that are judged",
    state: "nothing was written",
  });
}

/** Throws `usage`: a rule that does not exist allows nothing, and was meant to. */
export function refuseUnknownRules({ allowedRules }: Config): void {
  for (const id of allowedRules) findRule(id);
}

/** Throws `usage` where there is none of that name. */
export function findRule(id: string): (typeof allRules)[number] {
  const found = allRules.find((rule) => rule.id === id);
  if (found !== undefined) return found;
  const meant = nearest(id, allRules.map((rule) => rule.id));
  throw new PgmateError("usage", `there is no rule ${JSON.stringify(id)}`, {
    hint: meant === undefined ? "pgmate lint --rules lists them" : `did you mean ${meant}?`,
  });
}
