import { expect, test } from "bun:test";

import { lookUpService } from "./service-file.ts";

const text = [
  "# comment",
  "[other]",
  "host=no",
  "[shop]",
  "  host = db ",
  "# port=1",
  "port=5433",
  "port=5434",
  "password=a=b",
  "[shop]",
  "user=again",
].join("\r\n");

test("the first section of that name, the first line of a name", () => {
  expect([...(lookUpService(text, "shop") ?? [])]).toEqual([
    ["host", "db"],
    ["port", "5433"],
    ["password", "a=b"],
  ]);
});

test("no such section", () => expect(lookUpService(text, "none")).toBeUndefined());
