import { InputError } from "../../errors/index.ts";
import type { ControlPlatform } from "../platform.ts";
import type { DropContent } from "./inspect.ts";
import { writeResult } from "./write-result.ts";

/** Says of a drop that it waits, or why it was refused. The run that was made of earlier content stays mentioned. */
export async function tellContent(
  platform: ControlPlatform,
  name: string,
  content: Exclude<DropContent, { kind: "ready" }>,
): Promise<void> {
  await writeResult(platform, name, (before) => {
    const run = before?.run ?? null;
    if (content.kind === "waiting") {
      return Promise.resolve({ state: "waiting", message: content.message, code: null, hint: null, notes: [], run });
    }
    const { message, code, hint = null } = content.error;
    return Promise.resolve({ state: "refused", message, code, hint, notes: [], run });
  });
}

/** The name is part of keys, so that nothing can be written where it is not one. */
export const nameRefusal = (name: string): InputError =>
  new InputError("usage", `drops/${name.slice(0, 100)}/ is no name for a drop; allowed are up to 63 letters, digits, dots, - and _.`, {
    hint: "Upload to a folder below drops/ with another name.",
  });
