import { readFile } from "node:fs/promises";
import path from "node:path";
import * as z from "zod";
import { SandboxError } from "../../core/errors/index.ts";
import { isErrorWithCode } from "./error-code.ts";

/**
 * What `prepare` leaves behind, read-only from then on:
 * `tree` the work tree with the agent's `.git`; `git` and `index` our repository of the same commit; `etc`, `var`,
 * `home`, `opt` folders of the system inside; `usr` what `install` changed below /usr (an overlay layer), if anything.
 */
const manifestSchema = z.strictObject({
  version: z.literal(1),
  baseCommit: z.string().regex(/^[0-9a-f]{40}$/),
  layers: z.array(z.enum(["usr"])),
  hasHome: z.boolean(),
  treeBytes: z.number().int().min(0),
});
export type BaseManifest = z.infer<typeof manifestSchema>;

export const MANIFEST = "base.json";
export const baseFolder = (directory: string): string => path.join(directory, "base");
export const partialFolder = (directory: string): string => path.join(directory, "partial");

/** Null when there is no finished base. Throws SandboxError for one that is not ours or of another version. */
export async function readManifest(directory: string): Promise<BaseManifest | null> {
  const file = path.join(baseFolder(directory), MANIFEST);
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (isErrorWithCode(error, "ENOENT")) return null;
    throw new SandboxError("sandbox_failed", `The base snapshot ${file} cannot be read.`, { cause: error });
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    const hint = "Start a new run: the base snapshot is made again.";
    throw new SandboxError("sandbox_failed", `The base snapshot ${file} is damaged or of another version of serac.`, {
      cause: error,
      hint,
    });
  }
}
