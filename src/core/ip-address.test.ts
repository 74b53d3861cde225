import { expect, test } from "bun:test";
import { isIP } from "node:net";
import { isIpAddress } from "./ip-address.ts";

const pieces = [
  "", "0", "1", "01", "9", "255", "256", "ffff", "fffff", "g", ":", "::", ".", "1.2.3.4",
];
const written = [
  "127.0.0.1", "127.1", "::1", "::", ":::", "1::2", "1::2::3", "::ffff:1.2.3.4", "::1.2.3.400",
  "1:2:3:4:5:6:7:8", "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:1.2.3.4",
  "1:2:3:4:5:6:7::", "::2:3:4:5:6:7:8", "FE80::A", "[::1]", "::1]", "localhost", "db.example.com",
  "1.2.3.4.5", "1.2.3", "1e1.2.3.4", " 1.2.3.4", "1.2.3.4 ", "::1 ", "::1/x", "::1@x", "ab", "a.b",
  "0x7f.0.0.1", "1.2.3.4:5",
];

test("an address is what Node takes for one", () => {
  for (const host of written) expect([host, isIpAddress(host)]).toEqual([host, isIP(host) !== 0]);
  let addresses = 0;
  for (let made = 0; made < 20_000; made += 1) {
    const length = 1 + made % 9;
    const picked = (_: unknown, at: number): string => {
      return pieces[(made * (at + 7) + at * at) % pieces.length] ?? "";
    };
    const host = Array.from({ length }, picked).join([":", ".", ""][made % 3]);
    if (isIP(host) !== 0) addresses += 1;
    expect([host, isIpAddress(host)]).toEqual([host, isIP(host) !== 0]);
  }
  expect(addresses).toBeGreaterThan(50);
});

test("a zone belongs to an address of version 6 alone", () => {
  expect(isIpAddress("fe80::1%eth0")).toBe(true);
  expect(isIpAddress("127.0.0.1%eth0")).toBe(false);
  expect(isIpAddress("name%eth0")).toBe(false);
});
