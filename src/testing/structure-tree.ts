/** The rules about what stands in a file: effects by global name, forbidden syntax, tripwires. */
import type { Node } from "typescript/unstable/ast";
import {
  isCallExpression,
  isElementAccessExpression,
  isFunctionDeclaration,
  isFunctionLikeDeclaration,
  isIdentifier,
  isMethodDeclaration,
  isNewExpression,
  isParameterDeclaration,
  isPropertyAccessExpression,
  isPropertyDeclaration,
  isStringLiteral,
  isThrowStatement,
  isVariableDeclaration,
  SyntaxKind,
} from "typescript/unstable/ast";
import type { Source, Violation } from "./structure-source.ts";
import { isForTests, isTest, lineOf } from "./structure-source.ts";
import { owns, roomOf } from "./structure-imports.ts";
import { effects, limits } from "./structure-table.ts";

type Rule = (node: Node, source: Source) => Finding | undefined;

interface Finding {
  readonly rule: string;
  readonly message: string;
}

const rules: readonly Rule[] = [
  effectUsed, asyncInCore, forbiddenSyntax, defaultExport, plainError, booleanParameter,
  longFunction,
];

export function treeViolations(source: Source): readonly Violation[] {
  const found: Violation[] = [];
  const visit = (node: Node): void => {
    for (const rule of rules) {
      const finding = rule(node, source);
      if (finding === undefined) continue;
      found.push({ ...finding, path: source.path, line: lineOf(source.tree, node) });
    }
    node.forEachChild(visit);
  };
  visit(source.tree);
  return found;
}

const watchedGlobals = new Set(
  effects.flatMap(({ globals }) => (globals ?? []).map((name) => /^[A-Za-z]+/.exec(name)?.[0])),
);

function effectUsed(node: Node, source: Source): Finding | undefined {
  if (!source.path.startsWith("src/") || isForTests(source.path)) return undefined;
  const used = globalUse(node);
  if (used === undefined) return undefined;
  const all = `${/^[A-Za-z]+/.exec(used)?.[0]}.*`;
  const effect = effects.find(({ globals }) => globals?.includes(used))
    ?? effects.find(({ globals }) => globals?.includes(all));
  if (effect === undefined || owns(effect.owners, source.path)) return undefined;
  const message = `${used}: ${effect.name} belongs to ${effect.owners.join(", ")}`;
  return { rule: "effect", message };
}

/** `global.member` where one of the watched globals is used, else undefined. */
function globalUse(node: Node): string | undefined {
  if (!isIdentifier(node) || !watchedGlobals.has(node.text)) return undefined;
  const { parent } = node;
  if (isPropertyAccessExpression(parent)) {
    if (parent.name.pos !== node.pos) return `${node.text}.${parent.name.text}`;
    const isGlobal = isIdentifier(parent.expression) && parent.expression.text === "globalThis";
    if (!isGlobal) return undefined;
    const outer = parent.parent;
    return isPropertyAccessExpression(outer) ? `${node.text}.${outer.name.text}` : `${node.text}.`;
  }
  if (isElementAccessExpression(parent) && parent.expression.pos === node.pos) {
    const { argumentExpression: key } = parent;
    return `${node.text}.${isStringLiteral(key) ? key.text : ""}`;
  }
  if (node.text === "Date") {
    const isNow = isNewExpression(parent) && (parent.arguments?.length ?? 0) === 0;
    const isCalled = isCallExpression(parent) && parent.expression.pos === node.pos;
    return isNow || isCalled ? "new Date()" : undefined;
  }
  // The whole object in another's hands, as in `const { env } = process`.
  const isValue = isVariableDeclaration(parent) ? parent.initializer?.pos === node.pos
    : isCallExpression(parent) && parent.expression.pos !== node.pos;
  return isValue ? `${node.text}.` : undefined;
}

function asyncInCore(node: Node, { path }: Source): Finding | undefined {
  if (roomOf(path) !== "core" || isForTests(path)) return undefined;
  if (node.kind !== SyntaxKind.AwaitExpression && node.kind !== SyntaxKind.AsyncKeyword) {
    return undefined;
  }
  return { rule: "core", message: "core is values in, values out: nothing waits" };
}

function forbiddenSyntax(node: Node): Finding | undefined {
  switch (node.kind) {
    case SyntaxKind.AnyKeyword:
      return { rule: "any", message: "any hides what a value is" };
    case SyntaxKind.NonNullExpression:
      return { rule: "non-null", message: "! claims what the types do not know" };
    case SyntaxKind.EnumDeclaration:
      return { rule: "enum", message: "a union of literals instead of an enum" };
    default:
      break;
  }
  const mark = isVariableDeclaration(node) ? node.exclamationToken
    : isPropertyDeclaration(node) ? node.postfixToken : undefined;
  if (mark?.kind !== SyntaxKind.ExclamationToken) return undefined;
  return { rule: "non-null", message: "! claims what the types do not know" };
}

function defaultExport(node: Node, { tree }: Source): Finding | undefined {
  const isDefault = node.kind === SyntaxKind.ExportAssignment
    || (node.kind === SyntaxKind.DefaultKeyword && node.parent.kind !== SyntaxKind.DefaultClause)
    || (node.kind === SyntaxKind.ExportSpecifier && /\bas\s+default$/.test(node.getText(tree)));
  if (!isDefault) return undefined;
  return { rule: "default-export", message: "an export has a name" };
}

function plainError(node: Node, { path }: Source): Finding | undefined {
  if (isForTests(path) || path.startsWith("scripts/") || !isThrowStatement(node)) {
    return undefined;
  }
  const thrown = node.expression;
  if (!isNewExpression(thrown) || !isIdentifier(thrown.expression)) return undefined;
  if (!/^(?:Type|Range|Syntax|Aggregate)?Error$/.test(thrown.expression.text)) return undefined;
  for (let at: Node | undefined = node.parent; at !== undefined; at = at.parent) {
    if (isFunctionDeclaration(at) && at.name?.text === "unreachable") return undefined;
  }
  return { rule: "plain-error", message: "throw a PgmateError, which has a code" };
}

function booleanParameter(node: Node, { path }: Source): Finding | undefined {
  if (isTest(path) || !isParameterDeclaration(node)) return undefined;
  if (!isFunctionLikeDeclaration(node.parent)) return undefined;
  const isBoolean = node.type?.kind === SyntaxKind.BooleanKeyword
    || node.initializer?.kind === SyntaxKind.TrueKeyword
    || node.initializer?.kind === SyntaxKind.FalseKeyword;
  if (!isBoolean) return undefined;
  return { rule: "boolean-parameter", message: "true and false say nothing where it is called" };
}

function longFunction(node: Node, source: Source): Finding | undefined {
  if (!isFunctionLikeDeclaration(node) || isTest(source.path)) return undefined;
  const { tree } = source;
  const name = functionName(node) ?? "a function";
  const parameters = node.parameters.filter((parameter) => isParameterDeclaration(parameter));
  if (parameters.length > limits.parameters) {
    return { rule: "parameters", message: `${name} has ${parameters.length} parameters` };
  }
  const last = tree.getLineAndCharacterOfPosition(node.end).line;
  const lines = last - tree.getLineAndCharacterOfPosition(node.getStart(tree)).line + 1;
  if (lines <= limits.functionLines) return undefined;
  return { rule: "function-lines", message: `${name} has ${lines} lines` };
}

function functionName(node: Node): string | undefined {
  const named = isVariableDeclaration(node.parent) ? node.parent : node;
  const hasName = isVariableDeclaration(named) || isFunctionDeclaration(named)
    || isMethodDeclaration(named);
  return hasName ? named.name?.getText() : undefined;
}
