/** The manual page, as groff, man and mandoc set it. */
import { describe, expect } from "bun:test";
import packageJson from "../package.json";
import { manual } from "./cli.ts";
import { commands } from "./commands/list.ts";
import { exitMeanings } from "./errors.ts";
import { allOptions } from "./options.ts";
import { manPage } from "./report/man-page.ts";
import { roffExample, roffParagraph } from "./report/roff.ts";
import { testWithOracle } from "./testing/oracles.ts";
import { temporaryProject } from "./testing/program.ts";

const page = manPage({ ...manual, version: packageJson.version });

interface Set {
  readonly status: number;
  readonly text: string;
  readonly said: string;
}

async function run(command: readonly string[], input: string): Promise<Set> {
  const child = Bun.spawn([...command], {
    stdin: Buffer.from(input), stdout: "pipe", stderr: "pipe",
    env: { ...process.env, MANWIDTH: "78", LC_ALL: "C.UTF-8" },
  });
  const [text, said] = await Promise.all([
    new Response(child.stdout).text(), new Response(child.stderr).text(),
  ]);
  return { status: await child.exited, text: plain(text), said };
}

/** Without letters that are struck twice, which is how bold is shown, and colours. */
function plain(text: string): string {
  return text.replace(/.\x08/gu, "").replace(/\x1b\[[0-9;]*m/g, "");
}

/** A text as it must appear, wherever its lines end. */
function flowed(text: string): string {
  return text.replaceAll("…", "...").replaceAll("`", "").replace(/\s+/g, " ");
}

function expectAll(shown: string): void {
  const text = flowed(shown);
  for (const { name, aliases, summary, argument } of commands) {
    const taken = argument === undefined ? "" : ` ${argument}`;
    expect(text).toContain(flowed(` ${[name, ...aliases].join(", ")}${taken}`));
    expect(text).toContain(` ${flowed(summary)} `);
  }
  for (const { name, short, placeholder, help, variable, fallback } of allOptions) {
    const letter = short === undefined ? "" : `-${short}, `;
    const value = placeholder === undefined ? "" : ` ${placeholder}`;
    expect(text).toContain(` ${letter}--${name}${value} ${flowed(help)}`);
    if (variable !== undefined) expect(text).toContain(` ${variable} --${name} `);
    if (fallback !== undefined) expect(text).toContain(`default: ${fallback}`);
  }
  for (const [status, meaning] of Object.entries(exitMeanings)) {
    expect(text).toContain(` ${status} ${flowed(meaning)}`);
  }
}

describe("the page", () => {
  for (const device of ["utf8", "ascii", "latin1"]) {
    testWithOracle("groff", `groff -T${device} sets all of it without a warning`, async (path) => {
      const command = [path, "-man", `-T${device}`, "-ww", "-Wbreak"];
      const { status, text, said } = await run(command, page);
      expect({ status, said }).toEqual({ status: 0, said: "" });
      if (device !== "latin1") expectAll(text);
    });
  }

  testWithOracle("man", "man shows all of it without a warning", async (path) => {
    await using project = await temporaryProject({ files: { "pgmate.1": page } });
    const file = `${project.folder}/pgmate.1`;
    const { status, text, said } = await run([path, "--warnings", "-l", file], "");
    expect({ status, said }).toEqual({ status: 0, said: "" });
    expectAll(text);
    expect(text).toStartWith("PGMATE(1)");
    expect(text).toContain("\npgmate 0.1.0");
    for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
  });

  testWithOracle("mandoc", "mandoc finds nothing but that it has no date", async (path) => {
    const { said, text } = await run([path, "-Tlint"], page);
    const findings = `${text}${said}`.split("\n").filter((line) => line !== "");
    expect(findings).toEqual([
      // One would change the page whenever it is printed.
      expect.stringContaining('WARNING: missing date, using "": TH'),
    ]);
    expectAll((await run([path, "-Tutf8"], page)).text);
  });
});

const awkward: readonly string[] = [
  ".begins with a dot",
  "'begins with a quote",
  "it's \"quoted\" by 'both'",
  "back\\slash \\fB \\n \\\\ \\(aq \\&",
  "-o --option a-b -- ^caret ~tilde",
  "$HOME ${x} $(y) | & ; # * ? [a] {b} <c> %d @ ! \\",
  "é ü 世界 – „x“",
  `${"word ".repeat(40)}.Word 'word .PP .so /etc/passwd`,
];

const backticks = "`.PP` or `\\fI` and `--x` and `'a`";

for (const oracle of ["groff", "mandoc"] as const) {
  testWithOracle(oracle, `${oracle} sets texts as they are`, async (path) => {
    const command = oracle === "groff" ? [path, "-man", "-Tutf8", "-ww"] : [path, "-man", "-Tutf8"];
    const lines = [
      '.TH A 1 "" "b" "c"', ".nh", ".ad l", ".SH A",
      ...[...awkward, backticks].flatMap((text) => [".PP", ...roffParagraph(text)]),
      ...roffExample(awkward),
    ];
    const { status, text, said } = await run(command, `${lines.join("\n")}\n`);
    expect({ status, said }).toEqual({ status: 0, said: "" });
    const shown = flowed(text);
    for (const one of awkward) expect(shown.split(flowed(one.trim())).length).toBe(3);
    expect(shown).toContain(flowed(backticks));
  });
}
