/** stub */
import type { EmbeddedTarget } from "../core/database-url.ts";
import type { Context } from "./context.ts";
export async function createFolder(context: Context, target: EmbeddedTarget): Promise<void> {
  void context; void target;
}
export async function dropFolder(context: Context, target: EmbeddedTarget): Promise<void> {
  void context; void target;
}
