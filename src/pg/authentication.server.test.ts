/** Every way in which a server asks for a password, answered by the driver as it is patched. */
import { afterAll, expect, setDefaultTimeout, test } from "bun:test";
import { type AddressInfo, createServer, type Server, type Socket } from "node:net";
import { PgmateError } from "../errors.ts";
import { parseDatabaseUrl, type ServerTarget } from "../core/database-url.ts";
import { server, startServer } from "../testing/servers.ts";
import { connectServer } from "./connect.ts";

setDefaultTimeout(60_000);

const passwords = [
  "x", "with space ", " ", "ü/@?%:'\"\\\t😀", "p".repeat(700), "%41", "=,n=*",
] as const;

const listeners: Server[] = [];
afterAll(() => {
  for (const listener of listeners) listener.close();
});

async function enter(url: string): Promise<string> {
  const target = parseDatabaseUrl(url, {}, { user: "me", home: "/nowhere", platform: "linux" });
  if (target.kind !== "server") throw new Error("it is a server");
  return enterTarget(target);
}

async function enterTarget(target: ServerTarget): Promise<string> {
  const none = undefined;
  const connection = await connectServer({
    target,
    tlsFiles: { rootCertificates: none, certificate: none, key: none, revocations: none },
    passfile: undefined,
    applicationName: "test",
    purpose: "read",
    signal: new AbortController().signal,
    onNotice: () => {},
  });
  await connection.session.end();
  return connection.facts.user;
}

async function failure(entering: Promise<string>): Promise<PgmateError> {
  const error: unknown = await entering.then(() => undefined, (thrown: unknown) => thrown);
  if (error instanceof PgmateError) return error;
  throw new Error(`expected a PgmateError, not ${String(error)}`);
}

test("by SCRAM, MD5 and in the clear", async () => {
  const made = await startServer({
    version: 18,
    hba: ["scram-sha-256", "md5", "password"].map((way) => {
      return `host all /^${way.slice(0, 2)}_ all ${way}`;
    }),
  });
  for (const [number, password] of passwords.entries()) {
    for (const way of ["sc", "md", "pa"]) {
      const user = `${way}_${number}`;
      const encryption = way === "md" ? "md5" : "scram-sha-256";
      await made.query("postgres", `
        set password_encryption = '${encryption}';
        set scram_iterations = ${[4096, 1, 50_000][number % 3]};
        create role ${user} login password '${password.replaceAll("'", "''")}'`);
      const secret = encodeURIComponent(password);
      const at = `postgres://${user}:${secret}@127.0.0.1:${made.port}/postgres`;
      expect(await enter(at)).toBe(user);
      const wrong = at.replace(/:[^:@]*@/, `:${encodeURIComponent(`${password}!`)}@`);
      expect((await failure(enter(wrong))).code).toBe("connect-password");
      const none = at.replace(/:[^:@]*@/, "@");
      expect((await failure(enter(none))).code).toBe("connect-password");
    }
  }
  await made.stop();
});

/** Asks for SCRAM, then does what the test says with the client's proof, or instead of waiting. */
async function scramServer(iterations: string, then: (it: Socket) => void): Promise<string> {
  const listener = createServer((it) => {
    it.on("error", () => {});
    it.once("data", () => {
      it.write(request(10, "SCRAM-SHA-256\0\0"));
      it.once("data", (first) => {
        const nonce = /r=(.*)$/s.exec(first.toString())?.[1] ?? "";
        it.write(request(11, `r=${nonce}more,s=c2FsdA==,i=${iterations}`));
        then(it);
      });
    });
  });
  listeners.push(listener);
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  const { port } = listener.address() as AddressInfo;
  return `postgres://me:secret@127.0.0.1:${port}/d?sslmode=disable`;
}

function request(kind: number, text: string): Buffer {
  const frame = Buffer.alloc(9 + Buffer.byteLength(text));
  frame.write("R");
  frame.writeUInt32BE(frame.length - 1, 1);
  frame.writeUInt32BE(kind, 5);
  frame.write(text, 9);
  return frame;
}

test("a server that does not know the password itself", async () => {
  const url = await scramServer("4096", (it) => {
    it.once("data", () => it.write(request(12, "v=bm90IGtub3du")));
  });
  const error = await failure(enter(url));
  expect(error.code).toBe("connect-rejected");
  expect(error.message).toEndWith('does not itself know the password of "me"');
});

test("a server that goes while the password is stretched", async () => {
  const url = await scramServer("30000000", (it) => setTimeout(() => it.destroy(), 20));
  const startedMs = performance.now();
  expect((await failure(enter(url))).code).toBe("connect-lost");
  // It is not waited for, and what comes of it later has nowhere to go.
  expect(performance.now() - startedMs).toBeLessThan(5_000);
});

test("what was stretched for a socket that has gone is not sent anywhere", async () => {
  const faults: unknown[] = [];
  const note = (error: unknown): void => void faults.push(error);
  process.on("uncaughtException", note);
  process.on("unhandledRejection", note);
  try {
    const url = await scramServer("300000", (it) => setTimeout(() => it.destroy(), 1));
    expect((await failure(enter(url))).code).toBe("connect-lost");
    await Bun.sleep(1_000);
    expect(faults).toEqual([]);
  } finally {
    process.off("uncaughtException", note);
    process.off("unhandledRejection", note);
  }
});

test("the servers of the other tests ask for a password that a URL must escape", async () => {
  const made = await server(17);
  expect(await enter(made.url("postgres"))).toBe(made.user);
});
