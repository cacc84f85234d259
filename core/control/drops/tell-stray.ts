import { DROPS_PREFIX } from "../../config/cloud/names.ts";
import { InputError } from "../../errors/index.ts";
import type { ControlPlatform } from "../platform.ts";
import { STRAY_RESULT } from "./folder.ts";
import { dropResultSchema, type DropResult } from "./result.ts";

/** Of a file that lies in no drop, since it has no folder of its own. */
export const strayFile = (key: string): InputError =>
  new InputError("usage", `${JSON.stringify(key.slice(0, 100)).slice(1, -1)} lies in no folder of its own.`, {
    hint: `Upload it to ${DROPS_PREFIX}<name>/, next to its other half: serac.yaml and the archive of the repository belong together.`,
  });

/** Says in `drops/result.json` of the newest thing that came into no drop why nothing becomes of it: where it lies, nothing can be written. */
export async function tellStray({ artifacts, clock }: Pick<ControlPlatform, "artifacts" | "clock">, refusal: InputError): Promise<void> {
  const { message, code, hint = null } = refusal;
  const result: DropResult = {
    schema: "serac.drop/1",
    drop: "",
    state: "refused",
    message,
    code,
    hint,
    notes: [],
    run: null,
    updatedAt: new Date(clock.now()).toISOString(),
  };
  await artifacts.put(STRAY_RESULT, Buffer.from(`${JSON.stringify(dropResultSchema.parse(result), null, 2)}\n`));
}
