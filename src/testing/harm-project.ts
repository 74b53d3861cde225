/** A project made from a seed whose tables show whether each of its statements ran just once. */
import { type Chapter, type ChapterPair, chapters, outsideSql } from "./harm-chapters.ts";
import { type Random, seeded } from "./seeded.ts";

export interface HarmProject {
  readonly seed: number;
  /** File name → text, in the order in which they run. */
  readonly files: Readonly<Record<string, string>>;
  /** What stands in outside.log once for each time that a file ran in that direction. */
  readonly labels: ReadonlyMap<string, FileLabels>;
}

export interface FileLabels {
  readonly up: readonly string[];
  readonly down: readonly string[];
}

export interface HarmProjectRequest {
  readonly seed: number;
  /** How many; a kind comes again when there are more than kinds. */
  readonly files: number;
  /** Kinds by name, of which it picks; undefined for all there are. */
  readonly kinds: readonly string[] | undefined;
  /** Where what the files write to comes from: the database has it, or the first file makes it. */
  readonly outside: "there" | "made";
}

type Direction = keyof FileLabels;

/** A few of each hundred statements are followed by a sleep, so that a random moment meets one. */
const napChance = 15;

export function harmProject(request: HarmProjectRequest): HarmProject {
  const random = seeded(request.seed);
  const files: Record<string, string> = {};
  const labels = new Map<string, FileLabels>();
  if (request.outside === "made") {
    const name = "00_outside.sql";
    files[name] = `-- migrate:up\n${outsideSql}\n-- migrate:down\ndrop schema outside cascade;\n`;
    labels.set(name, { up: [], down: [] });
  }
  for (const [index, chapter] of pickChapters(request, random).entries()) {
    const number = String(index + 1).padStart(2, "0");
    const name = `${number}_${chapter.name}.sql`;
    const writer = new ChapterWriter(`c${number}`, random);
    files[name] = writer.text(chapter);
    labels.set(name, writer.labels);
  }
  return { seed: request.seed, files, labels };
}

/** Files named `10_x.sql` have the version `10`. */
export function versionOf(file: string): string {
  return file.slice(0, file.indexOf("_"));
}

function pickChapters(request: HarmProjectRequest, random: Random): readonly Chapter[] {
  const { kinds } = request;
  const wanted = chapters.filter(({ name }) => kinds?.includes(name) ?? true);
  const left: Chapter[] = [];
  const picked: Chapter[] = [];
  while (picked.length < request.files) {
    if (left.length === 0) left.push(...wanted);
    picked.push(...left.splice(random.below(left.length), 1));
  }
  return picked;
}

/** Puts lines of the log between the statements of a chapter, and sleeps here and there. */
class ChapterWriter {
  readonly labels: { readonly up: string[]; readonly down: string[] } = { up: [], down: [] };
  readonly #table: string;
  readonly #random: Random;

  constructor(table: string, random: Random) {
    this.#table = table;
    this.#random = random;
  }

  text(chapter: Chapter): string {
    return chapter.pairs.map((pair) => this.#section(pair, "up") + this.#section(pair, "down"))
      .join("");
  }

  #section(pair: ChapterPair, direction: Direction): string {
    const option = pair.kind === "units" ? " transaction:false" : "";
    const lines = [`-- migrate:${direction}${option}`];
    for (const [index, unit] of pair[direction].entries()) {
      lines.push(this.#fill(unit, direction));
      const isLast = index === pair[direction].length - 1;
      if (pair.kind === "units" || isLast || this.#random.percent(40)) {
        lines.push(this.#log(direction));
      }
      if (this.#random.percent(napChance)) lines.push(this.#nap());
    }
    return `${lines.join("\n")}\n\n`;
  }

  #fill(unit: string, direction: Direction): string {
    return unit.replaceAll("{t}", this.#table)
      .replaceAll("{log}", () => this.#log(direction))
      .replaceAll("{nap}", () => this.#nap());
  }

  /** No key keeps a second line out; the counter shows the same in another way. */
  #log(direction: Direction): string {
    const labels = this.labels[direction];
    const label = `${this.#table} ${direction} ${labels.length + 1}`;
    labels.push(label);
    const line = `insert into outside.log values ('${label}');`;
    return this.#random.percent(25)
      ? `${line}\nupdate outside.counter set n = n + 1;`
      : line;
  }

  #nap(): string {
    return `select pg_sleep(0.0${String(2 + this.#random.below(18)).padStart(2, "0")});`;
  }
}
