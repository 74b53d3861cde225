/** Whether CREATE OR REPLACE VIEW replaces one that is there. */

import type { ViewStmt } from "libpg-query";
import type { Known } from "./rule.ts";
import { nameOfNew } from "./schema-fold.ts";

/** Its name; also where only files were read, which do not show that it is not there. */
export function replacedView({ view, replace }: ViewStmt, known: Known): string | undefined {
  if (replace !== true || view?.relpersistence === "t") return undefined;
  const name = nameOfNew(known.schema, view ?? {});
  return known.schema.isKnown(name) || known.source === "files" ? name : undefined;
}
