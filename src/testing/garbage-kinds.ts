/** Every kind of garbage, and how large a part of all cases each is. */
import type { GarbageKind } from "./garbage-case.ts";
import { files, names } from "./garbage-file.ts";
import { histories } from "./garbage-history.ts";
import { ledgers } from "./garbage-ledger.ts";
import { longTexts, messages } from "./garbage-message.ts";
import { passwords, type ProgramKind, programs } from "./garbage-program.ts";
import { settings } from "./garbage-settings.ts";
import { brokenUrls, passfiles, urls } from "./garbage-url.ts";

export interface Share<Kind> {
  readonly kind: Kind;
  /** Of a thousand cases of all kinds. */
  readonly perMille: number;
}

/** In this process. */
export const pureKinds: readonly Share<GarbageKind>[] = [
  { kind: urls, perMille: 220 },
  { kind: brokenUrls, perMille: 80 },
  { kind: passfiles, perMille: 30 },
  { kind: settings, perMille: 270 },
  { kind: files, perMille: 160 },
  { kind: names, perMille: 30 },
  { kind: messages, perMille: 80 },
  { kind: longTexts, perMille: 2 },
  { kind: histories, perMille: 100 },
];

/** By the built program. */
export const programKinds: readonly Share<ProgramKind>[] = [
  { kind: programs, perMille: 20 },
  { kind: passwords, perMille: 3 },
  { kind: ledgers, perMille: 5 },
];
