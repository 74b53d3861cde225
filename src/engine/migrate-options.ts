/** What a run is asked for, be it done or only written down. */

import type { Request } from "../core/plan.ts";

export interface MigrateOptions {
  readonly request: Request;
  /** What to do about a database that does not exist. */
  readonly missingDatabase: "create" | "refuse";
}
