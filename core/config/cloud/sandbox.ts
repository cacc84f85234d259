import * as z from "zod";
import { InputError } from "../../errors/index.ts";
import { type MicrovmSettings, readMicrovmSettings } from "./microvm.ts";
import { type TenantSettings, tenantSettings } from "./tenant.ts";

/** Settings of microVMs name no kind. */
export type SandboxSettings =
  | { readonly kind: "microvm"; readonly microvm: MicrovmSettings }
  | { readonly kind: "tenant"; readonly tenant: TenantSettings };

const named = z.object({ kind: z.literal("tenant") });

/** SERAC_SANDBOX. Throws InputError("config_invalid") that names the key. */
export function readSandboxSettings(text: string): SandboxSettings {
  const value = parsed(text);
  if (!named.safeParse(value).success) return { kind: "microvm", microvm: readMicrovmSettings(text) };
  const read = tenantSettings.safeParse(value);
  if (read.success) return { kind: "tenant", tenant: read.data };
  const [first] = read.error.issues;
  throw new InputError(
    "config_invalid",
    `The settings of the tenant sandbox (SERAC_SANDBOX): ${first?.path.join(".") ?? ""}: ${first?.message ?? "invalid"}.`,
    { hint: "The sandbox stack writes them; deploy it again." },
  );
}

/** Null for what is no JSON, of which the reader of microVMs' settings tells. */
function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
