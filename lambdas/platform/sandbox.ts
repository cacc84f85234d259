import { InputError } from "../../core/errors/index.ts";
import { sandboxSettings } from "../environment.ts";
import { onceReady } from "./once.ts";

/** InputError("sandbox_unavailable") where the deployment has none. */
export const sandbox = onceReady(async () => {
  const settings = sandboxSettings(process.env);
  if (settings === null) {
    throw new InputError("sandbox_unavailable", "This deployment has no sandbox, so no rollout can run.", {
      hint: "Set sandbox.kind in serac.deploy.yaml and deploy again.",
    });
  }
  if (settings.kind === "tenant") {
    const { openTenantProvider } = await import("./tenant.ts");
    return openTenantProvider(settings.tenant);
  }
  const { openMicrovmProvider } = await import("./microvm.ts");
  return openMicrovmProvider(settings.microvm);
});
