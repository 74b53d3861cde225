import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { AddressInfo, Server, Socket } from "node:net";
import { createServer } from "node:net";
import { join } from "node:path";
import postgres from "postgres";

import { parseDatabaseUrl, type ServerTarget } from "../core/database-url.ts";
import { PgmateError } from "../errors.ts";
import { openSocket } from "../testing/open-socket.ts";
import { server, startServer, type TestServer } from "../testing/servers.ts";
import { connectionFailure } from "./failure.ts";
import {
  connectionAttempts,
  isEncryptionRefusal,
  type OpenedSocket,
  openSocketTo,
} from "./socket.ts";
import type { TlsFiles } from "./tls-socket.ts";

/** Starting a server takes long on a machine that does much else. */
setDefaultTimeout(60_000);

const folder = join(import.meta.dir, "../testing/certificates");

function pem(name: string): string {
  return readFileSync(join(folder, name), "utf8");
}

const noFiles: TlsFiles = {
  rootCertificates: undefined,
  certificate: undefined,
  key: undefined,
  revocations: undefined,
};
const trusting: TlsFiles = { ...noFiles, rootCertificates: pem("authority.crt") };
const certified: TlsFiles = {
  ...trusting,
  certificate: pem("client.crt"),
  key: pem("client.key"),
};

const started: TestServer[] = [];
const listeners: Server[] = [];

afterAll(async () => {
  for (const listener of listeners) listener.close();
  await Promise.all(started.map((each) => each.stop()));
});

/** A server whose certificate is that file of the folder; it trusts the test authority. */
async function secured(
  certificate: string,
  settings: Readonly<Record<string, string>> = {},
): Promise<TestServer> {
  const made = await startServer({
    version: 18,
    settings: {
      ssl: "on",
      ssl_ca_file: "ca.crt",
      listen_addresses: "127.0.0.1,::1",
      ...settings,
    },
    hba: [
      "hostssl all certified all cert",
      "hostnossl all encrypted_only all reject",
      "hostssl all plain_only all reject",
    ],
    files: {
      "server.crt": pem(`${certificate}.crt`),
      "server.key": pem(`${certificate}.key`),
      "ca.crt": pem("authority.crt"),
    },
  });
  started.push(made);
  await made.query("postgres", `
    create role certified login;
    create role encrypted_only login password 'x';
    create role plain_only login password 'x'`);
  return made;
}

const securedServers = new Map<string, Promise<TestServer>>();

function withCertificate(certificate: string): Promise<TestServer> {
  const known = securedServers.get(certificate) ?? secured(certificate);
  securedServers.set(certificate, known);
  return known;
}

function parse(url: string): ServerTarget {
  const defaults = { user: "nobody", home: "/nowhere", platform: process.platform };
  const target = parseDatabaseUrl(url, {}, defaults);
  if (target.kind !== "server") throw new Error("expected a server");
  return target;
}

/** The test server by another host name or user, with parameters. */
function at(made: TestServer, query: string, host = "127.0.0.1", user = made.user): ServerTarget {
  const password = user === made.user ? encodeURIComponent(made.password) : "x";
  return parse(`postgres://${user}:${password}@${host}:${made.port}/postgres?${query}`);
}

interface Answer {
  readonly encrypted: boolean;
  readonly address: string;
  readonly local: boolean;
  /** What the server itself thinks of the connection. */
  readonly ssl: boolean;
}

function driver(target: ServerTarget, opened: OpenedSocket): postgres.Sql {
  return postgres({
    host: "localhost",
    user: target.user,
    pass: target.password,
    database: target.database,
    ssl: false,
    max: 1,
    fetch_types: false,
    connect_timeout: 10,
    onnotice: () => undefined,
    socket: () => opened.socket,
  } as postgres.Options<Record<string, never>>);
}

async function ask(target: ServerTarget, opened: OpenedSocket): Promise<Answer> {
  const sql = driver(target, opened);
  try {
    const [row] = await sql`select ssl from pg_stat_ssl where pid = pg_backend_pid()`;
    const { encrypted, address, local } = opened;
    return { encrypted, address, local, ssl: row?.["ssl"] === true };
  } finally {
    await sql.end({ timeout: 1 });
  }
}

async function connect(target: ServerTarget, files: TlsFiles = noFiles): Promise<Answer> {
  return ask(target, await openSocket(target, files, {}));
}

async function failure(work: Promise<unknown>): Promise<PgmateError> {
  const error = await work.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof PgmateError) return error;
  throw new Error(`expected a PgmateError, got ${String(error)}`);
}

/** A listener that does that with each connection. */
async function listen(onConnection: (socket: Socket) => void): Promise<number> {
  const listener = createServer((socket) => {
    socket.on("error", () => undefined);
    onConnection(socket);
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => {
    listener.listen(0, "127.0.0.1", () => resolve());
  });
  return (listener.address() as AddressInfo).port;
}

const plain = { encrypted: false, ssl: false };
const encrypted = { encrypted: true, ssl: true };

describe("a server without TLS", () => {
  for (const mode of ["disable", "allow", "prefer"]) {
    test(`sslmode=${mode}`, async () => {
      expect(await connect(at(await server(15), `sslmode=${mode}`))).toMatchObject(plain);
    });
  }
  for (const mode of ["require", "verify-ca", "verify-full"]) {
    test(`sslmode=${mode}`, async () => {
      const made = await server(15);
      const error = await failure(connect(at(made, `sslmode=${mode}`), trusting));
      expect(error.code).toBe("connect-no-tls");
      expect(error.message).toBe(`127.0.0.1:${made.port} does not speak TLS`);
    });
  }
});

describe("a server with TLS", () => {
  const good: readonly (readonly [string, string, TlsFiles, Partial<Answer>])[] = [
    ["sslmode=disable", "127.0.0.1", noFiles, plain],
    ["sslmode=allow", "127.0.0.1", noFiles, plain],
    ["sslmode=prefer", "127.0.0.1", noFiles, encrypted],
    ["sslmode=require", "127.0.0.1", noFiles, encrypted],
    ["sslmode=require", "127.0.0.1", trusting, encrypted],
    ["sslmode=verify-ca", "127.0.0.1", trusting, encrypted],
    ["sslmode=verify-full", "127.0.0.1", trusting, encrypted],
    ["sslmode=verify-full", "localhost", trusting, encrypted],
    ["sslmode=verify-full", "[::1]", trusting, { ...encrypted, address: "::1", local: true }],
    ["sslmode=verify-full&sslsni=0", "localhost", trusting, encrypted],
    ["sslmode=verify-full&hostaddr=127.0.0.1", "localhost", trusting, encrypted],
    ["sslmode=require&sslnegotiation=direct", "127.0.0.1", noFiles, encrypted],
    ["sslmode=verify-full&sslnegotiation=direct", "localhost", trusting, encrypted],
    ["sslmode=require&ssl_min_protocol_version=TLSv1.3", "127.0.0.1", noFiles, encrypted],
    ["sslmode=require&ssl_max_protocol_version=TLSv1.2", "127.0.0.1", noFiles, encrypted],
  ];
  for (const [query, host, files, expected] of good) {
    const root = files === trusting ? " with its authority" : "";
    test(`${host} ${query}${root}`, async () => {
      const made = await withCertificate("localhost");
      expect(await connect(at(made, query, host), files)).toMatchObject(expected);
    });
  }

  const stranger: TlsFiles = { ...noFiles, rootCertificates: pem("other-authority.crt") };
  const both: TlsFiles = {
    ...noFiles,
    rootCertificates: pem("other-authority.crt") + pem("authority.crt"),
  };
  test("one of several authorities", async () => {
    const target = at(await withCertificate("localhost"), "sslmode=verify-full", "localhost");
    expect(await connect(target, both)).toMatchObject(encrypted);
  });

  const bad: readonly (readonly [string, string, string, TlsFiles, RegExp])[] = [
    ["localhost", "sslmode=verify-full", "localhost", stranger, /authority that is not trusted/],
    ["localhost", "sslmode=verify-ca", "localhost", stranger, /authority that is not trusted/],
    ["localhost", "sslmode=require", "localhost", stranger, /authority that is not trusted/],
    ["localhost", "sslmode=verify-full", "localhost", noFiles, /authority that is not trusted/],
    ["localhost", "sslrootcert=system", "localhost", noFiles, /authority that is not trusted/],
    ["localhost", "channel_binding=require", "localhost", noFiles, /authority that is not trusted/],
    ["wrong-name", "sslmode=verify-full", "localhost", trusting,
      /is for db\.example\.com, not for localhost$/],
    ["wrong-name", "sslmode=verify-full", "127.0.0.1", trusting,
      /is for db\.example\.com, not for 127\.0\.0\.1$/],
    ["localhost", "sslmode=verify-full&sslservername=other", "localhost", trusting,
      /is for localhost, 127\.0\.0\.1, .*1, not for other$/],
    ["wildcard", "sslmode=verify-full&sslservername=a.b.example.com", "127.0.0.1", trusting,
      /is for \*\.example\.com, not for a\.b\.example\.com$/],
    ["expired", "sslmode=verify-ca", "localhost", trusting, /has expired/],
    ["self-signed", "sslmode=verify-ca", "localhost", trusting, /signed by nobody but itself/],
    ["revoked", "sslmode=verify-ca", "localhost",
      { ...trusting, revocations: pem("authority.crl") }, /has been revoked/],
    ["localhost", "sslmode=verify-ca", "localhost", { ...noFiles, rootCertificates: "nothing" },
      /holds no certificate/],
  ];
  for (const [certificate, query, host, files, words] of bad) {
    test(`refused: ${certificate} for ${host} ${query} ${words.source}`, async () => {
      const target = at(await withCertificate(certificate), query, host);
      const error = await failure(connect(target, files));
      expect(error.code).toBe("connect-certificate");
      expect(error.message).toMatch(words);
      expect(error.hint).toBeString();
    });
  }

  const kept: readonly (readonly [string, string, string, TlsFiles])[] = [
    ["wrong-name", "sslmode=verify-ca", "localhost", trusting],
    ["wrong-name", "sslmode=verify-full&sslservername=db.example.com", "127.0.0.1", trusting],
    ["wildcard", "sslmode=verify-full&sslservername=a.example.com", "127.0.0.1", trusting],
    ["name-only", "sslmode=verify-full", "localhost", trusting],
    ["self-signed", "sslmode=verify-full", "localhost",
      { ...noFiles, rootCertificates: pem("self-signed.crt") }],
    ["expired", "sslmode=require", "localhost", noFiles],
    ["revoked", "sslmode=verify-full", "localhost", trusting],
    ["localhost", "sslmode=verify-full", "localhost",
      { ...trusting, revocations: pem("authority.crl") }],
  ];
  for (const [certificate, query, host, files] of kept) {
    test(`${certificate} for ${host} ${query}`, async () => {
      const target = at(await withCertificate(certificate), query, host);
      expect(await connect(target, files)).toMatchObject(encrypted);
    });
  }

  test("verify-ca without a file of its own trusts no private authority", async () => {
    const target = at(await withCertificate("localhost"), "sslmode=verify-ca", "localhost");
    expect((await failure(connect(target))).code).toBe("connect-certificate");
  });
  test("no version of TLS in common", async () => {
    const made = await secured("localhost", { ssl_max_protocol_version: "TLSv1.2" });
    const target = at(made, "sslmode=require&ssl_min_protocol_version=TLSv1.3");
    const error = await failure(connect(target));
    expect(error).toMatchObject({ code: "connect-no-tls" });
    expect(error.message).toMatch(/no version of TLS/);
    // What is only preferred gives way.
    const preferring = at(made, "sslmode=prefer&ssl_min_protocol_version=TLSv1.3");
    expect(await connect(preferring)).toMatchObject(plain);
  });
});

describe("client certificates", () => {
  async function as(files: TlsFiles, query = "sslmode=verify-full"): Promise<Answer> {
    const target = at(await withCertificate("localhost"), query, "localhost", "certified");
    const opened = await openSocket(target, files, {});
    return ask(target, opened).catch((error: unknown) => {
      throw connectionFailure(error, target, opened.host);
    });
  }
  test("lets in", async () => expect(await as(certified)).toMatchObject(encrypted));
  test("with an encrypted key", async () => {
    const files = { ...certified, key: pem("client-encrypted.key") };
    expect(await as(files, "sslmode=verify-full&sslpassword=key-password"))
      .toMatchObject(encrypted);
  });
  const refused: readonly (readonly [string, TlsFiles, RegExp, string?])[] = [
    ["none", trusting, /demands a client certificate for user "certified"/],
    ["of another authority",
      { ...trusting, certificate: pem("other-client.crt"), key: pem("other-client.key") },
      /does not accept the client certificate|closed the connection/],
    ["with another's key", { ...certified, key: pem("localhost.key") }, /do not belong together/],
    ["without a key", { ...certified, key: undefined }, /no key/],
    ["with an encrypted key and no password",
      { ...certified, key: pem("client-encrypted.key") }, /encrypted, and there is no password/],
    ["with an encrypted key and a wrong password",
      { ...certified, key: pem("client-encrypted.key") }, /password for the client key is wrong/,
      "sslmode=require&sslpassword=no"],
    ["that is none", { ...certified, certificate: "nothing" }, /not in PEM form/],
  ];
  for (const [name, files, words, query] of refused) {
    test(`refused: ${name}`, async () => {
      const error = await failure(as(files, query));
      expect(error.message).toMatch(words);
      expect(error.code).toMatch(/^connect-(certificate|lost)$/);
    });
  }
});

describe("the other way of allow and prefer", () => {
  async function firstAnswer(target: ServerTarget): Promise<readonly (Answer | string)[]> {
    const answers: (Answer | string)[] = [];
    for (const attempt of connectionAttempts(target)) {
      const opened = await openSocketTo(target, attempt, noFiles, {});
      try {
        answers.push(await ask(target, opened));
        break;
      } catch (error) {
        const failed = connectionFailure(error, target, attempt.host);
        expect(isEncryptionRefusal(failed)).toBe(true);
        answers.push(failed.code);
      }
    }
    return answers;
  }
  test("allow goes on to TLS", async () => {
    const made = await withCertificate("localhost");
    const target = at(made, "sslmode=allow", "127.0.0.1", "encrypted_only");
    expect(await firstAnswer(target)).toMatchObject(["connect-rejected", encrypted]);
  });
  test("prefer goes on without", async () => {
    const made = await withCertificate("localhost");
    const target = at(made, "sslmode=prefer", "127.0.0.1", "plain_only");
    expect(await firstAnswer(target)).toMatchObject(["connect-rejected", plain]);
  });
});

describe("places", () => {
  test("a Unix socket, whatever sslmode says", async () => {
    const made = await withCertificate("localhost");
    for (const mode of ["prefer", "verify-full"]) {
      const target = parse(
        `postgres://${made.user}@/postgres?host=${made.socketFolder}&port=${made.port}`
          + `&sslmode=${mode}`,
      );
      expect(await connect(target)).toMatchObject({
        ...plain,
        local: true,
        address: `${made.socketFolder}/.s.PGSQL.${made.port}`,
      });
    }
  });
  test("IPv6", async () => {
    const made = await withCertificate("localhost");
    expect(await connect(at(made, "sslmode=disable", "[::1]"))).toMatchObject({ address: "::1" });
  });
  test("the second host where the first refuses", async () => {
    const made = await server(15);
    const closed = await listen(() => undefined);
    listeners.at(-1)?.close();
    const password = encodeURIComponent(made.password);
    const target = parse(`postgres://${made.user}:${password}@127.0.0.1:${closed},`
      + `localhost:${made.port}/postgres`);
    const opened = await openSocket(target, noFiles, {});
    expect(opened.host).toMatchObject({ name: "localhost", port: made.port });
    expect(await ask(target, opened)).toMatchObject(plain);
  });
  test("all that were tried are told", async () => {
    const closed = await listen(() => undefined);
    listeners.at(-1)?.close();
    const target = parse(`postgres://u@127.0.0.1:${closed},no-such-host.invalid/d`);
    const error = await failure(openSocket(target, noFiles, {}));
    expect(error.code).toBe("connect");
    expect(error.message).toBe(`connection refused by 127.0.0.1:${closed};`
      + " no such host: no-such-host.invalid");
    expect(error.hint?.split("\n")).toHaveLength(2);
  });
});

describe("no server there", () => {
  test("refused", async () => {
    const closed = await listen(() => undefined);
    listeners.at(-1)?.close();
    const error = await failure(openSocket(parse(`postgres://127.0.0.1:${closed}/d`), noFiles, {}));
    expect(error).toMatchObject({
      code: "connect-refused",
      message: `connection refused by 127.0.0.1:${closed}`,
    });
    expect(error.hint).toContain(`pg_isready -h 127.0.0.1 -p ${closed}`);
  });
  test("unknown host", async () => {
    const error = await failure(openSocket(parse("postgres://no-such.invalid/d"), noFiles, {}));
    expect(error).toMatchObject({ code: "connect-host-unknown" });
    expect(error.message).toMatch(/no-such\.invalid/);
  });
  test("no socket", async () => {
    const error = await failure(openSocket(parse("postgres:///d?host=/nowhere"), noFiles, {}));
    expect(error).toMatchObject({
      code: "connect-refused",
      message: "there is no server socket /nowhere/.s.PGSQL.5432",
    });
  });
  for (const mode of ["prefer", "require"]) {
    test(`never answers, sslmode=${mode}`, async () => {
      const port = await listen(() => undefined);
      const url = `postgres://127.0.0.1:${port}/d?connect_timeout=1&sslmode=${mode}`;
      const error = await failure(openSocket(parse(url), noFiles, {}));
      expect(error).toMatchObject({
        code: "connect-timeout",
        message: `no answer from 127.0.0.1:${port} within 1 s`,
      });
    });
  }
  test("given up", async () => {
    const port = await listen(() => undefined);
    const controller = new AbortController();
    const opening = openSocket(parse(`postgres://127.0.0.1:${port}/d`), noFiles, {
      signal: controller.signal,
    });
    const reason = new PgmateError("interrupted", "interrupted");
    setTimeout(() => controller.abort(reason), 20);
    expect(await failure(opening)).toBe(reason);
    const late = openSocket(parse(`postgres://127.0.0.1:${port}/d`), noFiles, {
      signal: AbortSignal.abort(),
    });
    expect((await failure(late)).code).toBe("interrupted");
  });
  test("closes at once", async () => {
    const port = await listen((socket) => socket.end());
    const error = await failure(openSocket(parse(`postgres://127.0.0.1:${port}/d`), noFiles, {}));
    expect(error.code).toBe("connect-lost");
  });
  test("more than the one byte", async () => {
    const port = await listen((socket) => {
      socket.once("data", () => socket.write("Sneaky"));
    });
    const error = await failure(openSocket(parse(`postgres://127.0.0.1:${port}/d`), noFiles, {}));
    expect(error.message).toMatch(/sent data before the TLS handshake/);
  });
  test("more than that, after the one byte", async () => {
    const port = await listen((socket) => {
      socket.once("data", () => {
        socket.write("S");
        setTimeout(() => socket.write("neaky"), 5);
      });
    });
    const url = `postgres://127.0.0.1:${port}/d?sslmode=require&connect_timeout=5`;
    const error = await failure(openSocket(parse(url), noFiles, {}));
    // Too late to be seen before the handshake, it is no part of one.
    expect(error.message).toMatch(/TLS handshake|speaks no version of TLS/);
  });
  test("takes up TLS and goes", async () => {
    const port = await listen((socket) => socket.once("data", () => socket.end("S")));
    const url = `postgres://127.0.0.1:${port}/d?sslmode=require`;
    const error = await failure(openSocket(parse(url), noFiles, {}));
    expect(error.code).toBe("connect-lost");
  });
  test("something else that waits to be spoken to", async () => {
    const port = await listen((socket) => {
      socket.once("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    const message = `what answers at 127.0.0.1:${port} is not Postgres`;
    const preferring = parse(`postgres://127.0.0.1:${port}/d`);
    expect((await failure(openSocket(preferring, noFiles, {}))).message).toBe(message);
    const target = parse(`postgres://127.0.0.1:${port}/d?sslmode=disable`);
    expect((await failure(connect(target))).message).toBe(message);
  });
  test("something else that speaks first", async () => {
    const port = await listen((socket) => socket.write("SSH-2.0-OpenSSH\r\n"));
    const error = await failure(openSocket(parse(`postgres://127.0.0.1:${port}/d`), noFiles, {}));
    expect(error.message).toMatch(/not Postgres|sent data/);
  });
});

test("cancelling goes the same way again", async () => {
  const made = await withCertificate("localhost");
  const target = at(made, "sslmode=verify-full", "localhost");
  const opened = await openSocket(target, trusting, {});
  const again: OpenedSocket[] = [];
  const sql = postgres({
    host: "localhost",
    user: target.user,
    pass: target.password,
    database: target.database,
    ssl: false,
    max: 1,
    fetch_types: false,
    onnotice: () => undefined,
    socket: async () => {
      if (again.length === 0) {
        again.push(opened);
        return opened.socket;
      }
      const next = await opened.reopen({});
      again.push(next);
      return next.socket;
    },
  } as postgres.Options<Record<string, never>>);
  await sql`select 1`;
  const query = sql`select pg_sleep(20)`.execute();
  await Bun.sleep(100);
  query.cancel();
  const error = await query.then(() => undefined, (thrown: unknown) => thrown);
  expect(error).toMatchObject({ code: "57014" });
  expect(again.map(({ encrypted: tls, address }) => [tls, address])).toEqual([
    [true, opened.address],
    [true, opened.address],
  ]);
  await sql.end();
});

test("a large answer over TLS arrives whole", async () => {
  const made = await withCertificate("localhost");
  const target = at(made, "sslmode=require");
  const sql = driver(target, await openSocket(target, noFiles, {}));
  const [row] = await sql`select repeat('x', 5000000) as text, md5(repeat('x', 5000000)) as sum`;
  expect(new Bun.CryptoHasher("md5").update(String(row?.["text"])).digest("hex"))
    .toBe(String(row?.["sum"]));
  await sql.end();
});
