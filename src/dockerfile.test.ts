/** The Dockerfile says what the README promises of the image, in words that pgmate knows. */
import { expect, test } from "bun:test";
import packageJson from "../package.json";
import { parseCommandLine } from "./cli.ts";
import { contextFiles, copiedInto, readImage, readStages } from "./testing/dockerfile.ts";

const image = readImage();

test("a container that is told nothing waits for the server and migrates", () => {
  expect(image.entrypoint).toEqual(["/pgmate"]);
  expect(image.command).toEqual(["--wait", "--no-dump-schema", "up"]);
  const invocation = parseCommandLine(image.command);
  if (invocation.kind !== "command") throw new Error("it runs no command");
  expect(invocation.command.name).toBe("up");
  expect([...invocation.options.keys()]).toEqual(["wait", "no-dump-schema"]);
  // Where ./db/migrations is what is mounted at /db.
  expect(image.workingFolder).toBe("/");
});

test("it runs as a user who is not root, given as numbers", () => {
  expect(image.user).toMatch(/^[1-9]\d*:[1-9]\d*$/);
});

test("it holds nothing but the binary on top of a base that has no shell", () => {
  expect(image.base).toMatch(/^gcr\.io\/distroless\/base-nossl-debian\d+:nonroot$/);
  expect(image.copied).toEqual([
    { from: "build", sources: ["/build/dist/pgmate"], destination: "/pgmate" },
  ]);
  const words = readStages().at(-1)?.instructions.map(({ word }) => word);
  expect(words).not.toContain("RUN");
  expect(words).not.toContain("ADD");
});

test("its labels are what package.json says", () => {
  expect(Object.fromEntries(image.labels)).toEqual({
    "org.opencontainers.image.title": packageJson.name,
    "org.opencontainers.image.description": packageJson.description,
    "org.opencontainers.image.licenses": packageJson.license,
  });
});

test("it is compiled by the Bun that everything else is run with", () => {
  expect(readStages()[0]?.base).toBe(`oven/bun:${Bun.version}-slim`);
  expect(packageJson.scripts.test).toContain(`bun@${Bun.version} `);
});

test("a build sees what it copies, and neither secrets nor tests", () => {
  const seen = contextFiles();
  const sources = copiedInto(readStages()[0] ?? { base: "", name: "", instructions: [] })
    .flatMap((one) => one.sources);
  expect(sources).not.toBeEmpty();
  for (const source of sources) {
    expect(seen.filter((path) => path === source || path.startsWith(`${source}/`)))
      .not.toBeEmpty();
  }
  const needed = (path: string): boolean =>
    sources.some((source) => path === source || path.startsWith(`${source}/`));
  expect(seen.filter((path) => !needed(path))).toEqual([]);
  expect(seen).toContain("src/main.ts");
  expect(seen.filter((path) => /\.test\.ts$|testing\/|\.env|\.key$/.test(path))).toEqual([]);
});
