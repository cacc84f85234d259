import type { ApiKeyStore, DropStore } from "../../core/control/platform.ts";
import type { RunStore } from "../../core/svg/store.ts";
import type { ModelStore } from "../../core/training/model.ts";
import { apiKeysIn } from "./api-keys.ts";
import { claimsIn } from "./claims.ts";
import type { Context } from "./context.ts";
import { modelsIn } from "./models.ts";
import { runsIn } from "./runs.ts";
import { samplesIn } from "./samples/index.ts";
import { spendIn } from "./spend/index.ts";
import { windowsIn } from "./windows.ts";

export type Store = RunStore & ModelStore & DropStore & ApiKeyStore;

/** The store's logic on any table: DynamoDB's, or one in memory. */
export function storeIn(context: Context): Store {
  return {
    ...runsIn(context),
    ...samplesIn(context),
    ...windowsIn(context),
    ...spendIn(context),
    ...modelsIn(context),
    ...claimsIn(context),
    ...apiKeysIn(context),
  };
}
