/** The rules about what imports what: rooms, owners, heavy packages, cycles, dead files. */
import type { Import, Source, Violation } from "./structure-source.ts";
import { isForTests, isTest } from "./structure-source.ts";
import type { Room } from "./structure-table.ts";
import {
  commandList,
  effects,
  heavyPackages,
  mayImport,
  mayImportTypes,
  rooms,
} from "./structure-table.ts";

export function importViolations(sources: readonly Source[]): readonly Violation[] {
  const inRooms = sources.filter(({ path }) => path.startsWith("src/") && !isForTests(path));
  return [
    ...inRooms.flatMap(roomViolations),
    ...inRooms.flatMap(packageViolations),
    ...cycles(sources),
    ...deadFiles(sources),
  ];
}

/** The room of a file below src/, or undefined where no room is planned. */
export function roomOf(path: string): Room | undefined {
  const [, name = "", below] = path.split("/");
  const bare = below === undefined ? name.replace(/\.ts$/, "") : name;
  const room = rooms.find((candidate) => candidate === bare);
  const isFolder = ["core", "pg", "disk", "tools", "engine", "commands", "report"].includes(bare);
  return isFolder === (below !== undefined) ? room : undefined;
}

function roomViolations(source: Source): readonly Violation[] {
  const room = roomOf(source.path);
  if (room === undefined) {
    return [{ rule: "room", path: source.path, line: 1, message: "stands in no room" }];
  }
  if (source.path === commandList) return [];
  return source.imports.flatMap((one): readonly Violation[] => {
    if (!one.target.startsWith("src/")) return [];
    const types = one.kind === "type" ? (mayImportTypes[room] ?? []) : [];
    const allowed = [...mayImport[room], ...types];
    const target = roomOf(one.target);
    if (allowed.includes(one.target) || (target !== undefined && allowed.includes(target))) {
      return [];
    }
    const message = `${room} may not import ${one.target}`;
    return [{ rule: "room", path: source.path, line: one.line, message }];
  });
}

function packageViolations(source: Source): readonly Violation[] {
  return source.imports.flatMap((one) => {
    const stolen = effectViolation(source, one);
    return stolen.length > 0 ? stolen : heavyViolation(source, one);
  });
}

function effectViolation(source: Source, one: Import): readonly Violation[] {
  const effect = effects.find(({ packages, imports }) => {
    return packages?.includes(one.target) === true
      || imports?.some((name) => one.target === "crypto" && one.names.includes(name)) === true;
  });
  if (effect === undefined || owns(effect.owners, source.path)) return [];
  const message = `${one.target}: ${effect.name} belongs to ${effect.owners.join(", ")}`;
  return [{ rule: "effect", path: source.path, line: one.line, message }];
}

export function owns(owners: readonly string[], path: string): boolean {
  const room = roomOf(path);
  return owners.includes(path) || (room !== undefined && owners.includes(room));
}

function heavyViolation(source: Source, one: Import): readonly Violation[] {
  const isHeavy = heavyPackages.some((name) => {
    return one.target === name || one.target.startsWith(`${name}/`);
  });
  if (!isHeavy || one.kind !== "value" || source.path.endsWith("-worker.ts")) return [];
  const message = `${one.target} is heavy: reach it by await import() or in a worker`;
  return [{ rule: "heavy", path: source.path, line: one.line, message }];
}

/** One violation per cycle, at the first file of it that the walk comes to. */
function cycles(sources: readonly Source[]): readonly Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const done = new Set<string>();
  const found: Violation[] = [];
  const walk = (path: string, trail: readonly string[]): void => {
    const start = trail.indexOf(path);
    if (start >= 0) {
      const message = [...trail.slice(start), path].join(" → ");
      found.push({ rule: "cycle", path, line: 1, message });
      return;
    }
    if (done.has(path)) return;
    for (const one of byPath.get(path)?.imports ?? []) {
      if (one.kind !== "worker" && byPath.has(one.target)) walk(one.target, [...trail, path]);
    }
    done.add(path);
  };
  for (const { path } of sources) walk(path, []);
  return found;
}

/** Reached from main, or, what is for tests, from a test. */
function deadFiles(sources: readonly Source[]): readonly Violation[] {
  const byPath = new Map(sources.map((source) => [source.path, source]));
  const reach = (starts: readonly string[]): ReadonlySet<string> => {
    const reached = new Set<string>();
    const open = [...starts];
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (reached.has(path)) continue;
      reached.add(path);
      open.push(...(byPath.get(path)?.imports ?? []).map((one) => one.target));
    }
    return reached;
  };
  const fromMain = reach(["src/main.ts"]);
  const fromTests = reach(sources.map(({ path }) => path).filter(isTest));
  return sources.flatMap(({ path }): readonly Violation[] => {
    if (!path.startsWith("src/") || isTest(path)) return [];
    if (fromMain.has(path) || (isForTests(path) && fromTests.has(path))) return [];
    return [{ rule: "dead", path, line: 1, message: "nothing reaches it" }];
  });
}
