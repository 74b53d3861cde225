// Writes the text that goes with a binary: what is inside of it, and under which licences.
import { icuLicence, licenceText, type Package } from "./packages.ts";
import { licenceIds, type Part } from "./part.ts";
import { bun, partsOfBun } from "./parts-of-bun.ts";
import { partsOfPackages } from "./parts-of-postgres.ts";
import { releaseName, type Target } from "./target.ts";

const rule = "=".repeat(79);

export function partsFor(target: Target, parts: readonly Part[]): readonly Part[] {
  return parts.filter(({ only }) => only?.(target) ?? true);
}

/** Lines end with a line feed; the same bytes each time. */
export async function thirdPartyText(
  target: Target,
  packages: readonly Package[],
): Promise<string> {
  const runtime = partsFor(target, partsOfBun);
  const parts = [...Object.values(partsOfPackages).flat(), bun, ...runtime];
  const ids = new Set(parts.flatMap(({ licence }) => licenceIds(licence)));
  const texts = await Promise.all([...ids].toSorted().map(async (id) => {
    return headed(`Licence: ${id}`, await licenceText(id));
  }));
  const notices = new Map(parts.flatMap(({ name, notice }) => {
    return notice === undefined ? [] : [[name, notice] as const];
  }));
  return [
    `What is inside of ${releaseName(target)}, and under which licences\n\n${intro}`,
    ...packages.map((one) => {
      const holds = partsOfPackages[one.name] ?? [];
      const inside = holds.length === 0 ? "" : `It contains:\n\n${list(holds)}\n`;
      return headed(`${one.name} ${one.version} (${one.licence})`, `${inside}${one.text}`);
    }),
    headed("ICU, which @electric-sql/pglite contains (Unicode-3.0)", await icuLicence()),
    ...[...notices].map(([name, notice]) => headed(name, notice)),
    headed(`Bun ${bun.version} (${bun.licence})`, `${aboutBun}\n${list(runtime)}`),
    ...texts,
  ].join("\n");
}

const intro = `\
pgmate itself is under the MIT licence: see LICENSE. Its binary contains the work of others:
packages from npm with their licences word for word, the programs that some of them carry as
WebAssembly, and Bun, the runtime, with the libraries that are linked to it. The texts that
several of them share stand once, at the end.
`;

const aboutBun = `\
Source: ${bun.source}, tag bun-v${bun.version}

Bun links JavaScriptCore and tinycc, which are under the GNU LGPL. Their source, and how to build
Bun with a changed one, stand in that repository; pgmate's own source, which is under the MIT
licence, can be compiled with any such Bun (bun run scripts/build.ts), so that whoever has this
binary may replace them in it.

This software is based in part on the work of the Independent JPEG Group.

It contains:
`;

function list(parts: readonly Part[]): string {
  return parts.map(({ name, version, licence, holders, source }) => {
    const title = version === undefined ? name : `${name} ${version}`;
    return `- ${title}\n  ${licence}\n  ${holders}\n  ${source}\n`;
  }).join("");
}

function headed(title: string, text: string): string {
  const lines = text.replaceAll("\r\n", "\n").trim();
  return `${rule}\n${title}\n${rule}\n\n${lines}\n`;
}
