/** `create-extension`: whether it works depends on the server and on the role. */

import type { StatementRule } from "../review/rule.ts";
import { bodyOf } from "../review/statement-node.ts";

export const createExtension: StatementRule = {
  id: "create-extension",
  scope: "statement",
  title: "CREATE EXTENSION and ALTER EXTENSION need what not every server and role has",
  page: {
    locks:
      "None on tables that others use; what the extension's own script does comes on top. An " +
      "UPDATE of one with tables of its own can change those.",
    why:
      "The extension's files must be on the server, in the version that is meant; most need a " +
      "superuser, or the role that the managed service has for it. What worked on the " +
      "developer's machine fails in production, in the middle of a row of files.",
    instead:
      "Look before:\n" +
      "select name, default_version, installed_version from pg_available_extensions " +
      "where name = 'pg_trgm';\n" +
      "Have whoever may do it create it on each server before, and let the migration say create " +
      "extension if not exists: where it is there, that does nothing but say so, in whatever " +
      "version and schema it is, and needs no right. Where it is not, it needs all of them, so " +
      "the finding stays: ignore it with a reason.",
    since: "trusted extensions, which take CREATE on the database and no superuser, since 13",
  },
  judge: (action) => {
    const create = bodyOf(action, "CreateExtensionStmt");
    const alter =
      bodyOf(action, "AlterExtensionStmt") ?? bodyOf(action, "AlterExtensionContentsStmt");
    const name = create?.extname ?? alter?.extname;
    if (name === undefined) return undefined;
    return {
      classes: ["risky"],
      reason: `${name} must be on the server, and the role must have the right to it`,
      instead: "look it up in pg_available_extensions on each server before",
      subjects: [],
    };
  },
  cases: [
    { sql: "create extension pg_trgm", gives: ["risky"] },
    { sql: "create extension if not exists plpgsql", gives: ["risky"] },
    { sql: "alter extension plpgsql update", gives: ["risky"] },
    { sql: "alter extension plpgsql add function app.steady_code()", gives: ["risky"] },
    { sql: "create schema fresh", gives: "silent" },
  ],
};
