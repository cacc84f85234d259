import { SandboxError } from "../errors/index.ts";
import { WORKSPACE, type Sandbox } from "./sandbox.ts";

/** A larger change is generated data, not a fix. */
export const MAX_PATCH_BYTES = 20_000_000;

const strict = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

/** The work tree's diff as text: UTF-8 where it is that, else latin-1. Null when it is larger than `MAX_PATCH_BYTES`. */
export async function readPatch(sandbox: Sandbox): Promise<string | null> {
  const bytes = await unlessTooLarge(sandbox, () => sandbox.diff(MAX_PATCH_BYTES));
  return bytes === "too large" ? null : patchText(bytes);
}

export function patchText(bytes: Uint8Array): string {
  try {
    return strict.decode(bytes);
  } catch {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString("latin1");
  }
}

/** The port reports a gone machine and a result over the limit with the same error; a living machine tells which it was. */
export async function unlessTooLarge<T>(sandbox: Sandbox, work: () => Promise<T>): Promise<T | "too large"> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof SandboxError)) throw error;
    await sandbox.stat(WORKSPACE);
    return "too large";
  }
}
