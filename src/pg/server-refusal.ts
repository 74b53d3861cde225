/** What a server's error means when it comes before a session stands. */

import { describeHost, type ServerTarget } from "../core/database-url.ts";
import type { ServerHost } from "../core/server-host.ts";
import { PgmateError } from "../errors.ts";
import type { ErrorCode, ServerMessage } from "../errors.ts";

interface Refusal {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string;
}

interface Asked {
  readonly server: ServerMessage;
  readonly target: ServerTarget;
  readonly where: string;
}

/** The server's own words are in `server`; the message says what they mean here. */
export function serverRefusal(
  server: ServerMessage,
  target: ServerTarget,
  host: ServerHost,
): PgmateError {
  const { code, message, hint } = refusal({ server, target, where: describeHost(host) });
  return new PgmateError(code, message, { hint, server });
}

function refusal(asked: Asked): Refusal {
  const { server, target, where } = asked;
  switch (server.code) {
    case "28P01":
      return passwordRefusal(asked);
    case "28000":
      return rejection(asked);
    case "3D000":
      return {
        code: "database-missing",
        message: `database "${target.database}" does not exist on ${where}`,
        hint: "create it with pgmate create, or check the name at the end of the URL",
      };
    case "42501":
      return {
        code: "connect-rejected",
        message: `user "${target.user}" may not connect to database "${target.database}" like this`,
        hint: `as its owner: grant connect on database "${target.database}" to "${target.user}"; a`
          + " parameter in the URL may need more rights than the user has",
      };
    case "53300":
      return {
        code: "connect",
        message: `${where} has no connection left`,
        hint: "try again, end idle connections (select * from pg_stat_activity), or raise"
          + " max_connections or the limit of the role or database",
      };
    case "55000":
      return {
        code: "connect-rejected",
        message: `database "${target.database}" takes no connections`,
        hint: `name another, or: alter database "${target.database}" allow_connections true`,
      };
    case "57P03":
      return {
        code: "connect",
        message: `${where} is not ready for connections`,
        hint: "try again in a moment, or let pgmate wait for it: pgmate wait",
      };
    case "42704":
    case "22023":
      return parameterRefusal(asked);
    case "08P01":
      return protocolRefusal(asked);
    default:
      return {
        code: server.code.startsWith("57P0") ? "connect-lost" : "connect-rejected",
        message: `${where} refused the connection`,
        hint: "look into the server's log",
      };
  }
}

function passwordRefusal({ target, where }: Asked): Refusal {
  const none = target.password === undefined;
  return {
    code: "connect-password",
    message: none
      ? `${where} wants a password for user "${target.user}", and none was given`
      : `${where} does not accept the password of user "${target.user}"`,
    hint: none
      ? "give it in the URL, in PGPASSWORD or in the passfile (~/.pgpass)"
      : "check user and password; in a URL, write / ? # @ : % in it as %2F %3F %23 %40 %3A %25",
  };
}

/** The texts are Postgres' own; in another language than English the last case is left. */
function rejection({ server, target, where }: Asked): Refusal {
  const text = server.message;
  if (/role .* does not exist/.test(text)) {
    return {
      code: "connect-rejected",
      message: `role "${target.user}" does not exist on ${where}`,
      hint: "check the user in the URL or PGUSER; as a superuser: create role "
        + `"${target.user}" login`,
    };
  }
  if (/not permitted to log in/.test(text)) {
    return {
      code: "connect-rejected",
      message: `role "${target.user}" may not log in to ${where}`,
      hint: `as a superuser: alter role "${target.user}" login`,
    };
  }
  if (/client certificate|certificate authentication failed/.test(text)) {
    return {
      code: "connect-certificate",
      message: `${where} demands a client certificate for user "${target.user}"`,
      hint: "name its files with sslcert=FILE and sslkey=FILE; its common name must be the user's,"
        + " or be mapped to it in pg_ident.conf",
    };
  }
  if (/peer authentication|ident authentication/i.test(text)) {
    return {
      code: "connect-rejected",
      message: `${where} lets user "${target.user}" in only for the system user of that name`,
      hint: "run as that system user, or connect by host and password:"
        + " postgres://user:password@localhost:5432/name",
    };
  }
  return {
    code: "connect-rejected",
    message: `${where} does not let user "${target.user}" in`,
    hint: "check pg_hba.conf on the server: select * from pg_hba_file_rules; it may want TLS"
      + " (sslmode=require) or its absence (sslmode=disable)",
  };
}

function parameterRefusal({ server, target, where }: Asked): Refusal {
  const name = /parameter "([^"]+)"/.exec(server.message)?.[1];
  const known = Object.keys(target.startup).find((key) => {
    return key.toLowerCase() === name?.toLowerCase();
  });
  return {
    code: "url",
    message: `${where} does not accept ${
      known === undefined ? "a setting of the session" : `the setting "${known}" of the URL`}`,
    hint: known === undefined
      ? "check options= in the URL and PGOPTIONS"
      : `remove ${known}= from the URL, or correct it`,
  };
}

/** PgBouncer and its like use this code for all that they do not want to pass on. */
function protocolRefusal({ server, target, where }: Asked): Refusal {
  const refused = /startup parameter(?: in options)?(?:: (\S+))?/i.exec(server.message);
  if (/query_wait_timeout/.test(server.message)) {
    return {
      code: "connect-proxy",
      message: `the connection pooler at ${where} has no connection to the server left`,
      hint:
        "try again; or give the pool more (PgBouncer: default_pool_size), end clients that hold " +
        "one, or connect to Postgres directly",
    };
  }
  if (refused === null) {
    return {
      code: "connect-rejected",
      message: `${where} refused the connection`,
      hint: "if a connection pooler answers there, connect to Postgres directly",
    };
  }
  const name = refused[1]?.replace(/^"|"$/g, "");
  const isOption = name?.toLowerCase() === "options" || /in options/i.test(server.message);
  const own = Object.keys(target.startup).find((key) => key.toLowerCase() === name?.toLowerCase());
  const what = isOption
    ? "options= of the URL, or PGOPTIONS"
    : `the start-up setting "${own ?? name ?? "that was given"}"`;
  return {
    code: "connect-proxy",
    message: `a connection pooler at ${where} does not take ${what}`,
    hint:
      "connect to Postgres directly, past the pooler; or let PgBouncer leave it alone, " +
      `ignore_startup_parameters=${isOption ? "options" : (own ?? name ?? "NAME")}: pgmate then ` +
      "makes the setting itself; or take it out of the URL and make it the role's: alter role … " +
      "set …",
  };
}
