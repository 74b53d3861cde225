/** Database URLs, libpq's variables and service files as nobody would write them on purpose. */
import {
  describeHost, describeTarget, parseDatabaseUrl, serviceFile, type Target,
} from "../core/database-url.ts";
import { lookUpPassword } from "../core/passfile.ts";
import { connectionFailure } from "../pg/failure.ts";
import { attempt, type GarbageKind } from "./garbage-case.ts";
import { makeSecret, passfileField, type Secret } from "./garbage-secret.ts";
import { garbageValue, misspell, spoilText } from "./garbage-text.ts";
import type { Random } from "./seeded.ts";

const schemes = [
  "postgres", "postgresql", "POSTGRES", "pglite", "mysql", "jdbc:postgresql", "prisma+postgres",
  "postgresql+asyncpg", "http", "",
];
const hosts = [
  "localhost", "127.0.0.1", "[::1]", "::1", "db.example.com", "", "%2Ftmp", "/tmp", 
  "[fe80::1%25eth0]",
  "a,b", "[::1],b", "%41", "%zz", "h%00", "ü.example", "@abstract", "999.1.1.1", "-", "a b",
];
const ports = ["", ":5432", ":0", ":65536", ":x", ":", ":1,2", ":5432,5433", ":-1", ":5432.5"];
const parameters = [
  "sslmode", "host", "hostaddr", "port", "user", "dbname", "socket", "passfile", "sslrootcert",
  "sslcert", "sslkey", "sslpassword", "sslcrl", "sslsni", "sslcertmode", "sslnegotiation",
  "sslservername", "ssl_min_protocol_version", "channel_binding", "connect_timeout",
  "target_session_attrs", "application_name", "options", "keepalives", "keepalives_idle",
  "client_encoding", "gssencmode", "require_auth", "replication", "service", "servicefile",
  "search_path", "statement_timeout", "lock_timeout", "schema", "pgbouncer", "ssl", "pool_timeout",
];
const values = [
  "require", "disable", "verify-full", "prefer", "direct", "any", "read-write", "system", "0", "1",
  "-c a=b", "-c+a=b", "UTF8", "on", "10", "/nowhere", "%2Fnowhere",
];
const variables = [
  "PGHOST", "PGHOSTADDR", "PGPORT", "PGUSER", "PGDATABASE", "PGPASSFILE", "PGSSLMODE", "PGOPTIONS",
  "PGSSLROOTCERT", "PGSSLCERT", "PGSSLKEY", "PGSSLCRL", "PGSSLSNI", "PGSSLCERTMODE", "PGAPPNAME",
  "PGSSLNEGOTIATION", "DATABASE_TLS_SERVER_NAME", "PGCHANNELBINDING", "PGCONNECT_TIMEOUT", "PGTZ",
  "PGTARGETSESSIONATTRS", "PGGSSENCMODE", "PGREQUIREAUTH", "PGREQUIREPEER", "PGDATESTYLE", "PGGEQO",
  "PGSSLMINPROTOCOLVERSION", "PGSERVICE", "PGSERVICEFILE", "PGCLIENTENCODING",
  "PGMINPROTOCOLVERSION",
];

/** How the password stands in the URL. */
export type Spelling = "encoded" | "raw";

/** What may be wrong is around the password; its place between `user:` and `@` stays. */
export function garbageUrl(random: Random, secret: Secret, spelling: Spelling): string {
  const often = <Item>(usual: Item, others: readonly Item[]): Item =>
    random.percent(88) ? usual : random.pick(others);
  const scheme = often("postgres", schemes);
  const slashes = often("://", [":", ":/", "//", ":///"]);
  const user = often("me", ["", "a b", "m%40e", "ü", "%zz", "me%00"]);
  const path = often("/app", ["", "/", "/a/b", "/%zz", "/%00", "/a#b", "/a b", "/ü", "/?", "/a;b"]);
  const password = spelling === "encoded" ? encode(random, secret.text) : secret.text;
  const place = `${often("localhost", hosts)}${often(":5432", ports)}${path}`;
  return `${scheme}${slashes}${user}:${password}@${place}${garbageQuery(random)}`;
}

function encode(random: Random, text: string): string {
  if (random.percent(50)) return encodeURIComponent(text);
  const bytes = [...new TextEncoder().encode(text)];
  return bytes.map((byte) => `%${byte.toString(16).padStart(2, "0")}`).join("");
}

function garbageQuery(random: Random): string {
  if (random.percent(60)) return "";
  const pairs = Array.from({ length: 1 + random.below(3) }, () => {
    const name = random.percent(85) ? random.pick(parameters) : garbageValue(random);
    const value = random.percent(70) ? random.pick(values) : garbageValue(random);
    const written = random.percent(90) ? misspellSome(random, name) : encodeURIComponent(name);
    return `${written}=${random.percent(80) ? value : encodeURIComponent(value)}`;
  });
  return `?${pairs.join(random.percent(90) ? "&" : random.pick([";", "&&", "?", "#"]))}`;
}

function misspellSome(random: Random, name: string): string {
  return random.percent(10) && name !== "" ? misspell(random, name) : name;
}

/** Garbage in libpq's variables; the password among them is given. */
export function garbageVariables(random: Random, secret: Secret): Record<string, string> {
  const environment: Record<string, string> = {};
  if (random.percent(60)) environment["PGPASSWORD"] = secret.text;
  for (let left = random.below(3); left > 0; left -= 1) {
    const value = random.percent(60) ? random.pick([...values, ...hosts]) : garbageValue(random);
    environment[random.pick(variables)] = value.replaceAll("\0", "");
  }
  return environment;
}

/** A service file in which the password stands in the section `s`. */
export function garbageService(random: Random, secret: Secret): string {
  const line = (): string => `${random.pick(parameters)}=${random.pick(values)}`;
  const good = `# c\n[other]\nhost=x\n[s]\n${line()}\npassword=${secret.text}\n${line()}\n`;
  return random.percent(50) ? good : spoilText(random, `[s]\n${line()}\n`, 3) + good;
}

const defaults = { user: "somebody", home: "/nowhere", platform: "linux" };

/** Well-formed URLs and others, read as before a connection, and what a refusal would say. */
export const urls: GarbageKind = {
  name: "URLs and variables",
  run: (random) => {
    const [secret, other, third] = [0, 1, 2].map(() => makeSecret(random, "awkward"));
    if (secret === undefined || other === undefined || third === undefined) throw new Error();
    const spelling = random.percent(50) ? "encoded" : "raw";
    const url = garbageUrl(random, secret, spelling);
    const environment = garbageVariables(random, other);
    if (random.percent(10)) environment["PGSERVICE"] = random.pick(["s", "none", "s ", "other"]);
    const serviceText = random.percent(80) ? garbageService(random, third) : undefined;
    return attempt([secret, other, third], (show) => {
      show(serviceFile(url, environment, defaults)?.path ?? "");
      const given = { ...defaults, ...(serviceText === undefined ? {} : { serviceText }) };
      showTarget(parseDatabaseUrl(url, environment, given), show);
    });
  },
};

/** What goes to the screen, and to the server, which repeats it in its log. */
function showTarget(target: Target, show: (text: string) => void): void {
  show(describeTarget(target));
  if (target.kind === "embedded") return;
  for (const host of target.hosts) {
    show(describeHost(host));
    for (const code of ["ECONNREFUSED", "ENOTFOUND", "ETIMEDOUT", "EPROTO", "ENOENT", "E"]) {
      const failure = connectionFailure(Object.assign(new Error("x"), { code }), target, host);
      show(`${failure.message} ${failure.hint ?? ""}`);
    }
  }
  const tls = { ...target.tls, keyPassword: undefined };
  show(JSON.stringify({ ...target, tls, password: undefined, hosts: undefined }));
}

/** URLs of which nothing is certain any more: they may show anything, and must not break down. */
export const brokenUrls: GarbageKind = {
  name: "broken URLs",
  run: (random) => {
    const secret = makeSecret(random, "awkward");
    const url = spoilText(random, garbageUrl(random, secret, "raw"), 6);
    const environment = garbageVariables(random, secret);
    return attempt([], (show) => {
      showTarget(parseDatabaseUrl(url, environment, defaults), show);
    });
  },
};

/** Passfiles: the line that fits gives the password, whatever stands around it. */
export const passfiles: GarbageKind = {
  name: "passfiles",
  run: (random) => {
    const secret = makeSecret(random, "awkward");
    const line = `h:5432:d:u:${passfileField(secret.text)}\n`;
    const before = random.percent(50) ? "" : spoilText(random, "x:1:d:u:p\n# c\n*:*:*:v:w\n", 4);
    const text = `${before}\n${line}${spoilText(random, line, 3)}`;
    const question = { host: "h", port: 5432, database: "d", user: "u" };
    return attempt([], (show) => {
      const found = lookUpPassword(text, question);
      show(found === undefined ? "no password" : "a password");
      const expected = before === "" && found !== secret.text;
      if (expected) throw new Error(`found ${String(found)} for ${secret.text}`);
    });
  },
};
