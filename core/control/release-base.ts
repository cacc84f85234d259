import { ConflictError } from "../errors/index.ts";
import type { RunRecord } from "../svg/store.ts";
import type { ControlPlatform, Workshop } from "./platform.ts";

/**
 * Removes the base of a run that needs it no more, unless its state changed in the meantime. The run forgets it first: whoever takes the
 * run up again then makes a new one, and a base that is left behind is found by the provider's own reaping. False: there was none.
 */
export async function releaseBase({ store }: ControlPlatform, workshop: Workshop, run: RunRecord): Promise<boolean> {
  if (run.sandbox === null) return false;
  const provider = await workshop.sandbox();
  if (provider.release === undefined) return false;
  try {
    await store.changeRun(run.id, [run.state], { sandbox: null });
  } catch (error) {
    if (error instanceof ConflictError) return false;
    throw error;
  }
  await provider.release(run.id);
  return true;
}
