/** `server-wide`: roles, databases, tablespaces and settings of the whole server. */

import type { StatementRule } from "../review/rule.ts";
import { type NodeKind, statementKind } from "../review/statement-node.ts";

const kinds: readonly NodeKind[] = [
  "AlterRoleStmt", "AlterRoleSetStmt", "AlterDatabaseStmt", "AlterDatabaseSetStmt",
  "AlterDatabaseRefreshCollStmt", "AlterSystemStmt", "CreatedbStmt", "CreateTableSpaceStmt",
  "DropTableSpaceStmt", "AlterTableSpaceOptionsStmt", "AlterTableMoveAllStmt",
];

export const serverWide: StatementRule = {
  id: "server-wide",
  scope: "statement",
  title: "ALTER ROLE, ALTER DATABASE, ALTER SYSTEM and the like reach beyond this database",
  page: {
    locks:
      "None on tables, but for ALTER TABLE ALL IN TABLESPACE, which rewrites each of them under " +
      "ACCESS EXCLUSIVE.",
    why:
      "Other databases of the server, and everybody's next sessions, are touched as well; those " +
      "that are connected keep the old settings. The right to it is not every role's, and no " +
      "down section of another database knows of it. ALTER SYSTEM and CREATE DATABASE cannot run " +
      "in a transaction.",
    instead: "Keep them where the server is set up, and migrations to what is in the database.",
    since: "all versions",
  },
  judge: (action) => {
    const kind = statementKind(action);
    if (kind === "DropdbStmt") {
      return {
        classes: ["breaking"],
        reason: "a whole database is gone",
        instead: "drop it by hand, when a backup has been tried",
        subjects: [],
        loses: "all that is in the database",
      };
    }
    if (kind === undefined || !kinds.includes(kind)) return undefined;
    return {
      classes: ["risky"],
      reason: "it reaches beyond this database, or into sessions of others, and needs the right to",
      instead: "keep it where the server is set up, outside of migrations",
      subjects: [],
    };
  },
  cases: [
    { sql: "alter role current_user set work_mem = '8MB'", gives: ["risky"] },
    { sql: "alter role current_user nologin", gives: ["risky"] },
    { sql: "alter database postgres set work_mem = '8MB'", gives: ["risky"] },
    { sql: "set work_mem = '8MB'", gives: "silent" },
  ],
};
