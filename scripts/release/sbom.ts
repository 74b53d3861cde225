// Writes the list of what is in a binary as a CycloneDX 1.6 document: the same bytes each time.
import { createHash } from "node:crypto";
import type { Package } from "./packages.ts";
import type { Part } from "./part.ts";
import { bun, partsOfBun } from "./parts-of-bun.ts";
import { partsOfPackages } from "./parts-of-postgres.ts";
import { programName, releaseName, type Target, version } from "./target.ts";
import { partsFor } from "./third-party.ts";

interface Component {
  readonly "bom-ref": string;
  readonly [field: string]: unknown;
}

interface Dependency {
  readonly ref: string;
  readonly dependsOn: readonly string[];
}

/** No time stands in it; its serial number comes from the program and what is told of it. */
export function sbom(
  target: Target,
  program: Uint8Array,
  packages: readonly Package[],
): string {
  const runtime = partsFor(target, partsOfBun);
  const inPackages = packages.flatMap(({ name }) => {
    return (partsOfPackages[name] ?? []).map((part) => partComponent(name, part));
  });
  const components = [
    ...packages.map(packageComponent),
    ...inPackages,
    { ...partComponent("pgmate", bun), type: "platform" },
    ...runtime.map((part) => partComponent(bun.name, part)),
  ];
  const main = programComponent(target, program);
  const dependencies: readonly Dependency[] = [
    {
      ref: main["bom-ref"],
      dependsOn: [...packages.map(packageRef), partRef("pgmate", bun)],
    },
    ...packages.map((one) => ({
      ref: packageRef(one),
      dependsOn: [
        ...packages.filter(({ name }) => one.needs.includes(name)).map(packageRef),
        ...(partsOfPackages[one.name] ?? []).map((part) => partRef(one.name, part)),
      ],
    })),
    {
      ref: partRef("pgmate", bun),
      dependsOn: runtime.map((part) => partRef(bun.name, part)),
    },
  ];
  const told = { metadata: { component: main }, components, dependencies };
  const document = {
    $schema: "http://cyclonedx.org/schema/bom-1.6.schema.json",
    bomFormat: "CycloneDX",
    specVersion: "1.6",
    serialNumber: serialNumber(JSON.stringify(told)),
    version: 1,
    ...told,
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function programComponent(target: Target, program: Uint8Array): Component {
  return {
    type: "application",
    "bom-ref": releaseName(target),
    name: "pgmate",
    version,
    description: `${programName(target)} for ${target.name}`,
    hashes: [{ alg: "SHA-256", content: createHash("sha256").update(program).digest("hex") }],
    licenses: [{ license: { id: "MIT" } }],
    purl: `pkg:npm/pgmate@${version}`,
  };
}

function packageComponent(one: Package): Component {
  return {
    type: "library",
    "bom-ref": packageRef(one),
    name: one.name,
    version: one.version,
    hashes: [{ alg: "SHA-512", content: one.sha512 }],
    licenses: [{ license: { id: one.licence } }],
    purl: packageRef(one),
  };
}

function packageRef({ name, version: number }: Package): string {
  return `pkg:npm/${name.replace("@", "%40")}@${number}`;
}

function partComponent(within: string, part: Part): Component {
  const purl = githubPurl(part);
  return {
    type: "library",
    "bom-ref": partRef(within, part),
    name: part.name,
    ...(part.version === undefined ? {} : { version: part.version }),
    licenses: [{ expression: part.licence }],
    copyright: part.holders,
    ...(purl === undefined ? {} : { purl }),
    externalReferences: [{ type: "distribution", url: part.source }],
  };
}

/** Two packages may carry the same part. */
function partRef(within: string, { name }: Part): string {
  return `${within}: ${name}`;
}

function githubPurl({ source, version: number }: Part): string | undefined {
  const repository = /^https:\/\/github\.com\/([^/]+\/[^/]+)$/.exec(source)?.[1];
  if (repository === undefined) return undefined;
  return `pkg:github/${repository.toLowerCase()}${number === undefined ? "" : `@${number}`}`;
}

/** A UUID of the eighth kind: one that is made of something else than time and chance. */
function serialNumber(text: string): string {
  const bytes = createHash("sha256").update(text).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const parts = /^(.{8})(.{4})(.{4})(.{4})(.{12})$/.exec(bytes.toString("hex"));
  return `urn:uuid:${parts?.slice(1).join("-")}`;
}
