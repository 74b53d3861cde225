/** What is seen of a server's stream, however the network cuts it. */

import { describe, expect, test } from "bun:test";
import { seeded } from "../testing/seeded.ts";
import { errorFields, FrameWatcher, messageOfFields } from "./frames.ts";

function frame(type: string, body: string | Uint8Array): Uint8Array {
  const bytes = Buffer.from(body as string);
  const header = Buffer.alloc(5);
  header.write(type);
  header.writeUInt32BE(bytes.length + 4, 1);
  return Buffer.concat([header, bytes]);
}

const tag = (text: string): Uint8Array => frame("C", `${text}\0`);
const ready = (state: string): Uint8Array => frame("Z", state);
const fieldsBody = (fields: Readonly<Record<string, string>>): string =>
  `${Object.entries(fields).map(([letter, text]) => `${letter}${text}\0`).join("")}\0`;

function keyOf(pid: number, secret: number): Uint8Array {
  const body = Buffer.alloc(8);
  body.writeUInt32BE(pid, 0);
  body.writeUInt32BE(secret, 4);
  return frame("K", body);
}

const refused = { S: "FEHLER", V: "ERROR", C: "23505", M: "d\u00e9j\u00e0 vu \u{1f600}", P: "12" };

/** A start, a query of several statements, one that fails, rows that look like frames. */
const stream = new Uint8Array(Buffer.concat([
  frame("R", Buffer.alloc(4)),
  frame("S", "server_version\x0018.1\0"),
  keyOf(4_000_000_000, 7),
  ready("I"),
  frame("T", "row description"),
  frame("D", "C\0\0\0\u000fINSERT 0 99\0"),
  frame("D", ""),
  tag("SELECT 2"),
  frame("N", fieldsBody({ S: "NOTICE", M: "careful" })),
  tag("INSERT 0 5"),
  tag("BEGIN"),
  ready("T"),
  frame("I", ""),
  tag("CREATE TABLE"),
  frame("E", fieldsBody(refused)),
  ready("E"),
  tag("ROLLBACK"),
  frame("G", Buffer.from([0, 0, 1, 0, 0])),
  frame("n", ""),
  tag("COPY 12345678901"),
  ready("I"),
]));

interface Seen {
  readonly rowCounts: readonly number[];
  readonly error: readonly (readonly [string, string])[];
  readonly key: unknown;
  readonly state: string;
  readonly frames: readonly string[];
}

function watch(chunks: Iterable<Uint8Array>): Seen {
  const watcher = new FrameWatcher();
  const frames: string[] = [];
  watcher.onFrame = (type, body) => {
    frames.push(`${type} ${Buffer.from(body).toString("hex")} ${watcher.transactionState}`);
  };
  for (const chunk of chunks) {
    // As sockets have them, whose memory may be used again.
    const buffer = Buffer.from(chunk);
    watcher.push(buffer);
    buffer.fill(0xee);
  }
  return {
    rowCounts: [...watcher.rowCounts],
    error: [...(watcher.lastError ?? [])],
    key: watcher.key,
    state: watcher.transactionState,
    frames,
  };
}

function* cut(bytes: Uint8Array, nextSize: () => number): Generator<Uint8Array> {
  for (let at = 0; at < bytes.length;) {
    const size = nextSize();
    yield bytes.slice(at, at + size);
    at += size;
  }
}

test("what is kept of the stream", () => {
  const seen = watch([stream.slice()]);
  expect(seen.rowCounts).toEqual([2, 5, Number.NaN, Number.NaN, Number.NaN, 12_345_678_901]);
  expect(Object.fromEntries(seen.error)).toEqual(refused);
  expect(seen.key).toEqual({ pid: 4_000_000_000, secret: 7 });
  expect(seen.state).toBe("I");
  expect(seen.frames.map((one) => one[0]).join("")).toBe("SKZCNCCZCEZCGCZ");
});

describe("every chunking gives the same", () => {
  const whole = watch([stream.slice()]);

  test("in two, cut anywhere", () => {
    for (let at = 0; at <= stream.length; at += 1) {
      expect(watch([stream.slice(0, at), stream.slice(at)])).toEqual(whole);
    }
  });

  test.each([1, 2, 3, 4, 5, 6, 7, 13])("in chunks of %d", (size) => {
    expect(watch(cut(stream, () => size))).toEqual(whole);
  });

  test("in chunks of any size, some of them empty", () => {
    const random = seeded(3);
    for (let round = 0; round < 300; round += 1) {
      const limit = 1 + random.below(40);
      let empty = 0;
      const nextSize = (): number => {
        empty = random.percent(10) && empty < 3 ? empty + 1 : 0;
        return empty > 0 ? 0 : 1 + random.below(limit);
      };
      expect(watch(cut(stream, nextSize))).toEqual(whole);
    }
  });

  test("a body of many chunks", () => {
    const long = frame("E", fieldsBody({ M: "x".repeat(1_000_000) }));
    const seen = watch(cut(long, () => 1_400));
    expect(Object.fromEntries(seen.error)).toEqual({ M: "x".repeat(1_000_000) });
  });
});

test.each([
  ["INSERT 0 5", 5],
  ["INSERT 0 0", 0],
  ["SELECT 100", 100],
  ["UPDATE 10", 10],
  ["COPY 3", 3],
  ["CREATE TABLE", Number.NaN],
  ["BEGIN", Number.NaN],
  ["", Number.NaN],
  ["MOVE 9007199254740991", 9_007_199_254_740_991],
] as const)("rows of %j", (text, count) => {
  expect(watch([tag(text)]).rowCounts).toEqual([count]);
});

test("a restart forgets rows and the error, not the key and the state", () => {
  const watcher = new FrameWatcher();
  watcher.push(stream.slice());
  watcher.restart();
  expect(watcher.rowCounts).toEqual([]);
  expect(watcher.lastError).toBeUndefined();
  expect(watcher.key?.secret).toBe(7);
  expect(watcher.transactionState).toBe("I");
  watcher.push(Buffer.concat([tag("DELETE 1"), ready("T")]));
  expect(watcher.rowCounts).toEqual([1]);
  expect(watcher.transactionState).toBe("T");
});

test("a restart within a frame loses nothing of it", () => {
  const watcher = new FrameWatcher();
  const bytes = tag("DELETE 4");
  watcher.push(bytes.slice(0, 8));
  watcher.restart();
  watcher.push(bytes.slice(8));
  expect(watcher.rowCounts).toEqual([4]);
});

test("the last error of several counts", () => {
  const errors = ["one", "two"].map((message) => frame("E", fieldsBody({ M: message })));
  expect(Object.fromEntries(watch(errors).error)).toEqual({ M: "two" });
});

test.each([
  ["no length at all", Buffer.from([67, 0, 0, 0, 0, 67, 0, 0, 0, 3])],
  ["a length that never comes", Buffer.from("HTTP/1.1 400 Bad Request\r\n\r\n")],
  ["a key that is too short", frame("K", "1234")],
  ["an empty state", frame("Z", "")],
] as const)("bytes that are no server's come to an end: %s", (_, bytes) => {
  const seen = watch([bytes]);
  expect(seen.key).toBeUndefined();
  expect(seen.state).toBe("I");
});

test.each([
  [{ M: "m" }, { severity: "ERROR", code: "XX000", message: "m" }],
  [{}, { severity: "ERROR", code: "XX000", message: "" }],
  [{ S: "HINWEIS", V: "NOTICE", C: "00000", M: "m" },
    { severity: "NOTICE", code: "00000", message: "m" }],
  [{ S: "NOTICE", C: "00000", M: "m" }, { severity: "NOTICE", code: "00000", message: "m" }],
  [
    { V: "ERROR", C: "1", M: "m", D: "d", H: "h", W: "w\nw", P: "3", p: "4", q: "q", n: "n" },
    {
      severity: "ERROR", code: "1", message: "m", detail: "d", hint: "h", where: "w\nw",
      position: 3, internalPosition: 4, internalQuery: "q", constraint: "n",
    },
  ],
] as const)("fields as a message: %j", (fields, expected) => {
  const read = errorFields(Buffer.from(fieldsBody(fields)));
  expect(messageOfFields(read)).toEqual(expected);
});

test("a field may be empty, and its text may hold anything but NUL", () => {
  const body = Buffer.from(fieldsBody({ M: "", D: "\ufeffMC\n\u{1f600}" }));
  expect([...errorFields(body)]).toEqual([["M", ""], ["D", "\ufeffMC\n\u{1f600}"]]);
});
