/** The source files as the structure rules see them: text, syntax tree and imports. */
import { dirname, join } from "node:path";
import type { Node, SourceFile } from "typescript/unstable/ast";
import { SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/async";
import { createVirtualFileSystem } from "typescript/unstable/fs";
import { PgmateError } from "../errors.ts";

/** A source file as the rules see it. */
export interface Source {
  /** From the top of the repository. */
  readonly path: string;
  readonly text: string;
  readonly tree: SourceFile;
  readonly imports: readonly Import[];
}

export interface Import {
  /** A path from the top for our own files, else the name of the package without `node:`. */
  readonly target: string;
  readonly names: readonly string[];
  readonly kind: "value" | "type" | "dynamic" | "asset" | "worker";
  readonly line: number;
}

export interface Violation {
  readonly rule: string;
  readonly path: string;
  readonly line: number;
  readonly message: string;
}

export function isTest(path: string): boolean {
  return path.endsWith(".test.ts");
}

/** Tests, and what only tests import. */
export function isForTests(path: string): boolean {
  return isTest(path) || path.startsWith("src/testing/");
}

export function lineOf(tree: SourceFile, node: Node): number {
  return tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
}

/** The files, given as path → text, with their trees and what they import. */
export async function parseSources(
  files: Readonly<Record<string, string>>,
): Promise<readonly Source[]> {
  const root = "/project";
  const config = JSON.stringify({
    compilerOptions: {
      noLib: true, noResolve: true, types: [], module: "preserve", moduleResolution: "bundler",
    },
    files: Object.keys(files),
  });
  const virtual: Record<string, string> = { [`${root}/tsconfig.json`]: config };
  for (const [path, text] of Object.entries(files)) virtual[`${root}/${path}`] = text;
  const api = new API({ cwd: root, fs: createVirtualFileSystem(virtual) });
  try {
    const opened = { openProjects: [`${root}/tsconfig.json`] };
    const project = (await api.updateSnapshot(opened)).getProject(`${root}/tsconfig.json`);
    const sources: Source[] = [];
    for (const [path, text] of Object.entries(files)) {
      const tree = await project?.program.getSourceFile(`${root}/${path}`);
      if (tree === undefined) throw new PgmateError("internal", `cannot parse ${path}`);
      sources.push({ path, text, tree, imports: importsOf(path, tree) });
    }
    return sources;
  } finally {
    await api.close();
  }
}

function importsOf(path: string, tree: SourceFile): readonly Import[] {
  const found: Import[] = [];
  const visit = (node: Node): void => {
    const one = importAt(path, tree, node);
    if (one !== undefined) found.push(one);
    node.forEachChild(visit);
  };
  visit(tree);
  return found;
}

function importAt(path: string, tree: SourceFile, node: Node): Import | undefined {
  const line = lineOf(tree, node);
  const text = node.getText(tree);
  const from = /\bfrom\s*["']([^"']+)["']|^import\s*["']([^"']+)["']/.exec(text);
  switch (node.kind) {
    case SyntaxKind.ImportDeclaration:
    case SyntaxKind.ExportDeclaration: {
      const specifier = from?.[1] ?? from?.[2];
      if (specifier === undefined) return undefined;
      const isAsset = /\bwith\s*\{\s*type:\s*"file"/.test(text);
      const isType = /^(?:import|export)\s+type\b/.test(text);
      const names = /\{([^}]*)\}/.exec(text)?.[1]?.split(",").map((part) => part.trim()) ?? [];
      const kind = isAsset ? "asset" : isType ? "type" : "value";
      return { target: targetOf(path, specifier), names, kind, line };
    }
    case SyntaxKind.ImportType: {
      const specifier = /^(?:typeof\s+)?import\(\s*["']([^"']+)["']/.exec(text)?.[1];
      if (specifier === undefined) return undefined;
      return { target: targetOf(path, specifier), names: [], kind: "type", line };
    }
    case SyntaxKind.CallExpression: {
      const specifier = /^import\(\s*["']([^"']+)["']/.exec(text)?.[1];
      if (specifier === undefined) return undefined;
      return { target: targetOf(path, specifier), names: [], kind: "dynamic", line };
    }
    case SyntaxKind.NewExpression: {
      const specifier = /^new URL\(\s*["']([^"']+\.ts)["'],\s*import\.meta/.exec(text)?.[1];
      if (specifier === undefined) return undefined;
      return { target: targetOf(path, specifier), names: [], kind: "worker", line };
    }
    default:
      return undefined;
  }
}

function targetOf(path: string, specifier: string): string {
  if (!specifier.startsWith(".")) return specifier.replace(/^node:/, "");
  return join(dirname(path), specifier);
}
