/** The checksum of a migration: what its up sections say to Postgres, not how they look. */

import type { Piece } from "./split.ts";

export class Checksum {
  /** Begins a section, with its options as `name:value`, in the order that is to count. */
  section(options: readonly string[]): void {
    void options;
  }

  piece(piece: Piece): void {
    void piece;
  }

  /** `v1:` and 64 hex digits. To be called once, at the end. */
  digest(): string {
    return "v1:";
  }
}
