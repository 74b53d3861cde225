/** Judges files in the order in which they would run, and makes one verdict of it. */

import type { Direction, MigrationFile } from "../migration.ts";
import { sectionsInOrder } from "./file-sections.ts";
import { judgeStatement } from "./judge-statement.ts";
import { FollowedSettings } from "./followed-settings.ts";
import { rehearsalRules } from "./rehearsal-rules.ts";
import type {
  Dismissal, Finding, FindingPlace, Review, ReviewedFile, ReviewedStatement, Verdict,
} from "./review.ts";
import {
  classRank, type FileRule, type FolderRule, type JudgedSection, type JudgedStatement,
  type Known, type RiskClass, type SectionRule, type StatementRule, worstClass,
} from "./rule.ts";
import type { SchemaFacts } from "./schema-facts.ts";
import { foldStatement } from "./schema-fold.ts";
import { SchemaModel } from "./schema-model.ts";
import type { Ignore, SourceFile, SourceSection, SourceStatement, TextPlace } from "./source.ts";
import { undoOf } from "./undo.ts";

export interface RuleSet {
  readonly statement: readonly StatementRule[];
  readonly section: readonly SectionRule[];
  readonly file: readonly FileRule[];
  readonly folder: readonly FolderRule[];
}

export interface FileToJudge {
  /** Called once, when its turn comes: the trees of thousands of files are not kept at once. */
  readonly read: () => SourceFile;
  readonly direction: Direction;
  /**
   * `judged` is what would run; `applied` has run, so that the facts hold what it made and only
   * its form is looked at; `before` comes before what is judged and is only read, so that it is
   * known what it made.
   */
  readonly as: "judged" | "applied" | "before";
}

export interface JudgeRequest {
  /** In the order in which they would run. */
  readonly files: readonly FileToJudge[];
  /** All files of the folders, for what no single file has. */
  readonly folder: readonly MigrationFile[];
  readonly facts: SchemaFacts;
  readonly known: Omit<Known, "schema">;
  readonly rules: RuleSet;
  /** Ids of rules whose findings do not count. */
  readonly allowed: readonly string[];
  /** Whether what one file makes is still new to the next. */
  readonly batch: "file" | "all";
  readonly smallBytes: number;
}

/** Everything that can be said without running anything. */
export function reviewFiles(request: JudgeRequest): Review {
  const schema = new SchemaModel(request.facts);
  const files: ReviewedFile[] = [];
  for (const { read, direction, as } of request.files) {
    const source = read();
    if (as === "before") foldFile(schema, source, direction);
    else files.push(new FileJudge(request, schema, { source, direction, as }).review());
    schema.forgetTemporary();
    if (request.batch === "file") schema.settle();
  }
  const findings = request.rules.folder.flatMap((rule) =>
    rule.judge(request.folder).map(({ file, classes, reason, instead }): Finding => ({
      rule: rule.id, classes, reason, instead,
      place: { path: file.path, offset: 0, line: 1 },
      dismissed: allowance(request, rule.id),
    })),
  );
  return { verdict: worstVerdict(files.map(({ verdict }) => verdict)), files, findings };
}

function foldFile(schema: SchemaModel, source: SourceFile, direction: Direction): void {
  const { searchPath } = schema;
  const settings = new FollowedSettings({ timeZone: undefined, searchPath });
  for (const { statements } of sectionsInOrder(source, direction)) {
    for (const { tree } of statements) {
      if (tree === undefined) continue;
      foldStatement(schema, tree, "before");
      settings.follow(tree);
      schema.searchPath = settings.searchPath;
    }
  }
  schema.searchPath = searchPath;
}

function allowance({ allowed }: JudgeRequest, rule: string): Dismissal | undefined {
  return allowed.includes(rule) ? { kind: "allowed" } : undefined;
}

export function worstVerdict(verdicts: readonly Verdict[]): Verdict {
  return verdictOf(verdicts);
}

/** What the classes come to; advice and errors are no part of it. */
export function verdictOf(classes: readonly RiskClass[]): Verdict {
  const counted = classes.filter((one) => one === "risky" || one === "breaking");
  const worst = worstClass(counted);
  return worst === "risky" || worst === "breaking" ? worst : "safe";
}

interface FileInTurn extends Pick<FileToJudge, "direction"> {
  readonly source: SourceFile;
  readonly as: "judged" | "applied";
}

/** Judges one file: statements first, then what they come to together. */
class FileJudge {
  readonly #request: JudgeRequest;
  readonly #schema: SchemaModel;
  readonly #file: FileInTurn;
  readonly #used = new Set<Ignore>();
  readonly #settings: FollowedSettings;

  constructor(request: JudgeRequest, schema: SchemaModel, file: FileInTurn) {
    this.#request = request;
    this.#schema = schema;
    this.#file = file;
    const { timeZone } = request.known;
    this.#settings = new FollowedSettings({ timeZone, searchPath: request.facts.searchPath });
  }

  review(): ReviewedFile {
    const { source, direction } = this.#file;
    const sections = sectionsInOrder(source, direction);
    const statements = this.#file.as === "judged"
      ? sections.flatMap((section) => this.#section(section))
      : [];
    const verdict = worstVerdict(statements.map((one) => one.verdict));
    // The session is put back as it was behind each file.
    this.#schema.searchPath = this.#request.facts.searchPath;
    return {
      file: source.file,
      direction,
      transactional: sections.every(({ transactional }) => transactional),
      verdict,
      statements,
      findings: this.#fileFindings(verdict),
    };
  }

  #section(section: SourceSection): readonly ReviewedStatement[] {
    const judged = section.statements.map((source) => this.#statement(source));
    const together = this.#request.rules.section.flatMap((rule) =>
      rule.judge({ section, statements: judged } satisfies JudgedSection).map((told) => ({
        statement: told.statement,
        finding: this.#finding(rule.id, told, told.statement.source),
      })),
    );
    return judged.map((one) => {
      const own = one.judgements.map((told) => this.#finding(told.rule.id, told, one.source));
      const ofSection = together.filter(({ statement }) => statement === one);
      return this.#reviewed(one, [...own, ...ofSection.map(({ finding }) => finding)]);
    });
  }

  #statement(source: SourceStatement): JudgedStatement {
    const { rules, smallBytes, known } = this.#request;
    const judgement = judgeStatement(source, {
      rules: rules.statement,
      known: { ...known, timeZone: this.#settings.timeZone, schema: this.#schema },
      smallBytes,
    });
    if (source.tree !== undefined) {
      foldStatement(this.#schema, source.tree, "batch");
      this.#settings.follow(source.tree);
      this.#schema.searchPath = this.#settings.searchPath;
    }
    return { source, ...judgement };
  }

  #reviewed(judged: JudgedStatement, findings: readonly Finding[]): ReviewedStatement {
    const { locks, rewrites, scans, judgements } = judged;
    const { source: { tree: _read, ...rest } } = judged;
    const source = { ...rest, tree: undefined };
    const counted = findings.filter(({ dismissed }) => dismissed === undefined);
    return {
      source, locks, rewrites, scans, findings,
      verdict: verdictOf(counted.flatMap(({ classes }) => classes)),
      loses: judgements.flatMap(({ loses }) => loses ?? []),
      undo: this.#undo(judged),
      measured: undefined,
    };
  }

  /** Of a way back the question does not arise. */
  #undo({ source }: JudgedStatement): ReviewedStatement["undo"] {
    const { direction, source: file } = this.#file;
    return direction === "up" ? undoOf(source, file.downs) : undefined;
  }

  #finding(
    rule: string,
    told: {
      readonly classes: readonly RiskClass[];
      readonly reason: string;
      readonly instead?: string | undefined;
      readonly location?: number;
      readonly isSoftened?: boolean;
    },
    source: SourceStatement,
  ): Finding {
    const { classes, reason, instead, location = 0, isSoftened = false } = told;
    const lines = new TextEncoder().encode(source.text).subarray(0, location);
    const place: FindingPlace = {
      path: this.#file.source.file.path,
      offset: source.offset + location,
      line: source.line + lines.filter((byte) => byte === 10).length,
    };
    return {
      rule, classes, reason, instead, place, dismissed: this.#dismissal(rule, source),
      ...(isSoftened ? { isSoftened } : {}),
    };
  }

  #dismissal(rule: string, { ignores }: SourceStatement): Dismissal | undefined {
    return this.#ignored(rule, ignores) ?? allowance(this.#request, rule);
  }

  #ignored(rule: string, ignores: readonly Ignore[]): Dismissal | undefined {
    const found = ignores.find((one) => one.rule === rule);
    if (found === undefined) return undefined;
    this.#used.add(found);
    // One without a reason is a finding itself, and dismisses nothing.
    return found.reason === "" ? undefined : { kind: "ignored", reason: found.reason };
  }

  /** Last of all, when it is known which comments were of use. */
  #fileFindings(verdict: Verdict): readonly Finding[] {
    const { source, direction, as } = this.#file;
    const { rules } = this.#request;
    const ids = [...rules.statement, ...rules.section, ...rules.file, ...rules.folder];
    const ruleIds = new Set([...ids, ...rehearsalRules].map(({ id }) => id));
    const told = rules.file.flatMap((rule) => {
      const file = {
        source, direction, verdict, usedIgnores: this.#used,
        isJudged: as === "judged", ruleIds,
      };
      return rule.judge(file).map((one) => this.#fileFinding(rule.id, one));
    });
    return told.sort((left, right) => (left.place?.offset ?? 0) - (right.place?.offset ?? 0));
  }

  #fileFinding(
    rule: string,
    { classes, reason, instead, place }: {
      readonly classes: readonly RiskClass[];
      readonly reason: string;
      readonly instead?: string;
      readonly place: TextPlace;
    },
  ): Finding {
    const { file, headerIgnores } = this.#file.source;
    const { offset, line } = place;
    return {
      rule, classes, reason, instead,
      place: { path: file.path, offset, line },
      dismissed: guards.includes(rule)
        ? undefined
        : this.#ignored(rule, headerIgnores) ?? allowance(this.#request, rule),
    };
  }
}

/** They watch over the comments, which therefore cannot silence them. */
const guards: readonly string[] = ["ignore-without-reason", "unused-ignore"];

/** Whether a finding counts and is of that class or worse. */
export function isOfClass(finding: Finding, least: RiskClass): boolean {
  return (
    finding.dismissed === undefined &&
    finding.classes.some((one) => one !== "advice" && classRank(one) >= classRank(least))
  );
}
