/** Where pgmate means to differ from dbmate in what it does with the schema file. */

export interface Difference {
  readonly id: string;
  /** What dbmate 2.36 does. */
  readonly dbmate: string;
  /** What pgmate does instead. */
  readonly pgmate: string;
  readonly reason: string;
}

export const schemaDifferences = [
  {
    id: "load-as-psql",
    dbmate: "drops every line that begins with a backslash from the schema file, also inside "
      + "function bodies and strings; cannot load data of COPY, lines of more than 64 KiB, and "
      + "what runs in no transaction",
    pgmate: "loads what psql would load, byte for byte; skips \\restrict and \\unrestrict where "
      + "they are commands, and refuses other commands of psql by name",
    reason: "a schema that comes back changed is not the schema",
  },
  {
    id: "load-left-out",
    dbmate: "cannot load a file that makes the schema public, as its own does with search_path, "
      + "nor one that begins with settings of a newer server",
    pgmate: "leaves out the one where that schema is there, and the other with a word",
    reason: "neither changes what comes of it",
  },
  {
    id: "load-empty",
    dbmate: "loads the schema file on top of whatever the database holds",
    pgmate: "refuses a database that holds something, unless --force is given",
    reason: "two schemas mixed are hard to take apart",
  },
] as const satisfies readonly Difference[];
