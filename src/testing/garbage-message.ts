/** What servers say, at any length and with secrets in it, as errors, notices and queries. */
import { redactSecrets } from "../core/redact.ts";
import { shownQuery } from "../core/shown-query.ts";
import { PgmateError, type ServerMessage } from "../errors.ts";
import { noticeLines } from "../report/error-text.ts";
import { attempt, type GarbageKind } from "./garbage-case.ts";
import { secretStatement } from "./garbage-file.ts";
import { makeSecret, type Secret } from "./garbage-secret.ts";
import { fragmentText, garbageValue } from "./garbage-text.ts";
import type { Random } from "./seeded.ts";

/** Texts in which the patterns that look for secrets have to look again and again. */
const traps = [
  "password ", "password", "PASSWORD=", "pwd ", "'", "''", "\\", "/*", "*/", "--", "\n", " ", "$$",
  "$a$", "postgres://", "postgres://u:", "@", ":", "x://", "user mapping ", "options (", ")", ";",
  "\"password\": \"", "at or near \"'", "user mapping for u options ('", "a", "é",
  "/**/", "-- ", "= ", "=> ", "execute 'password ''", "u:p@h", "@h/", "[", "\"", "`", "E'",
];

/** One line that is as long as what is shown of a file may be. */
export const longTexts: GarbageKind = {
  name: "long texts",
  run: (random) => {
    const few = Array.from({ length: 1 + random.below(3) }, () => random.pick(traps));
    const most = 72 * 1024;
    let text = "";
    while (text.length < most) {
      text += random.percent(98) ? few.join("") : random.pick(traps);
      if (random.percent(random.below(3))) text += text;
    }
    const cut = text.slice(0, most);
    return attempt([], (show) => {
      show(String(redactSecrets(cut).length));
      show(String(shownQuery(cut)?.length));
      if (redactSecrets(cut).length !== cut.length) throw new Error("the width has changed");
    });
  },
};

/** A message with a secret where it is known for one, in any of its parts. */
export const messages: GarbageKind = {
  name: "messages of the server",
  run: (random) => {
    const secrets = [makeSecret(random, "awkward"), makeSecret(random, "plain")];
    const [secret, plain] = secrets as [Secret, Secret];
    const statement = secretStatement(random, secret, plain);
    const text = (): string => messageText(random, statement);
    const server: ServerMessage = {
      severity: "ERROR", code: "42601", message: text(),
      ...(random.percent(50) ? { detail: text() } : {}),
      ...(random.percent(50) ? { hint: text() } : {}),
      ...(random.percent(50) ? { where: `PL/pgSQL function f() line 1\nSQL statement "${text()}"` }
        : {}),
      ...(random.percent(50) ? { internalQuery: text(), internalPosition: 1 } : {}),
    };
    return attempt(secrets, (show) => {
      for (const line of noticeLines(server)) show(line);
      show(shownQuery(statement) ?? "");
      throw new PgmateError("server", server.message, {
        server, hint: garbageValue(random), state: fragmentText(random, 3),
      });
    });
  },
};

function messageText(random: Random, statement: string): string {
  const around = (): string => random.pick(["", "\n", "x ", "syntax error in ", "é ", "(", "\t"]);
  return random.percent(30) ? around() : `${around()}${statement}${around()}`;
}
