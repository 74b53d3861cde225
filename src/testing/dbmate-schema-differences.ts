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
    id: "dump-carried",
    dbmate: "needs a pg_dump that is installed, as new as the server, and can read all of the URL",
    pgmate: "carries pg_dump 18 and lends it its own connection; --pg-dump PATH takes another",
    reason: "it is missing in most images, and too old in the others",
  },
  {
    id: "dump-failure-told",
    dbmate: "says nothing when a run's dump cannot be made, and little when it cannot be written",
    pgmate: "warns with cause and cure; with --require-dump the exit status is 2",
    reason: "the file grows old, and nobody knows",
  },
  {
    id: "dump-unchanged",
    dbmate: "writes the schema file again whenever it runs, also with nothing pending",
    pgmate: "writes it after a run that changed something, and only if its bytes change; dump "
      + "says Unchanged on stderr then",
    reason: "tools that watch the file start for nothing, and a dump takes time",
  },
  {
    id: "dump-half",
    dbmate: "leaves the schema file as it was when a run fails, whatever was applied before",
    pgmate: "writes what did apply",
    reason: "the file is what the database is",
  },
  {
    id: "dump-reads-only",
    dbmate: "makes its table for a dump, and needs the right to",
    pgmate: "writes nothing to the database; a role that may read, or a standby, is enough",
    reason: "looking changes nothing",
  },
  {
    id: "dump-same-everywhere",
    dbmate: "leaves \\restrict lines and the versions of server and pg_dump in the file; its "
      + "literals depend on settings of role and database, the order of versions on the language",
    pgmate: "writes the same bytes on every machine",
    reason: "a difference in the file should be one in the schema",
  },
  {
    id: "dump-bytes",
    dbmate: "cuts blanks and CR off the ends of all lines, also inside function bodies and "
      + "strings, and fails on lines of more than 64 KiB",
    pgmate: "keeps them byte for byte",
    reason: "a schema that comes back changed is not the schema",
  },
  {
    id: "dump-search-path",
    dbmate: "with search_path= makes the schema public, which the file then cannot be loaded for, "
      + "and leaves out extensions, the ledger in another schema, and names in capitals",
    pgmate: "dumps the same schemas so that the file loads: no CREATE SCHEMA public, with the "
      + "extensions that live in them and with the ledger's schema",
    reason: "the file is there to be loaded",
  },
  {
    id: "dump-options",
    dbmate: "passes every option on to pg_dump: after dump -- --file=x the schema file is empty",
    pgmate: "refuses those that would take the dump elsewhere or make it something else",
    reason: "nothing good comes of them, and there are flags for the purpose",
  },
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
