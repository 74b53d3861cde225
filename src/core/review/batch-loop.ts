/** How rows are filled in batches in a migration, as the pages of several rules have it. */

/**
 * The up section of a file of its own. A migration runs once, so that the loop has to be in it,
 * and only under transaction:false can it commit. The ignore is for `dynamic-sql`.
 */
export function batchLoop(column: string, value: string): string {
  return [
    "-- migrate:up transaction:false",
    `-- pgmate:ignore dynamic-sql fills ${column} in batches`,
    "do $$ begin loop",
    `  update t set ${column} = ${value} where id in`,
    `    (select id from t where ${column} is null limit 5000);`,
    "  exit when not found;",
    "  commit;",
    "end loop; end $$;",
  ].join("\n");
}

/** What introduces the loop; the ignore in it would else leave its reader guessing. */
export const batchLoopIntroduction =
  "in a file of its own, in a loop that commits (dynamic-sql calls every DO block risky, hence " +
  "the ignore):\n";
