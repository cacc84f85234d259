import type { TenantSettingsInput } from "../../../core/config/cloud/tenant.ts";
import type { Estate } from "../estate.ts";
import { listObjects, readObjects, removeObjects, streamObjects } from "./objects.ts";
import type { Permission } from "./permission.ts";

export const BASE_FOLDER = "sandbox-bases/";

/** Null where machines are none of a function's. */
const tenantsOf = ({ sandbox }: Estate): TenantSettingsInput | null => (sandbox !== null && "kind" in sandbox ? sandbox : null);

const folderOf = ({ basePrefix }: TenantSettingsInput): string => basePrefix ?? BASE_FOLDER;

const readBases = (estate: Estate, sandbox: TenantSettingsInput): Permission => ({
  ...readObjects(estate, folderOf(sandbox)),
  sid: "ReadBases",
});
const removeBases = (estate: Estate, sandbox: TenantSettingsInput): Permission => ({
  ...removeObjects(estate, folderOf(sandbox)),
  sid: "RemoveBases",
});
const listBases = (estate: Estate, sandbox: TenantSettingsInput): Permission => ({
  ...listObjects(estate, folderOf(sandbox)),
  sid: "ListBases",
});

/** Sends a repository to a tenant's environment, and commands. Without such a sandbox: nothing. */
export function useTenants(estate: Estate): Permission[] {
  const sandbox = tenantsOf(estate);
  if (sandbox === null) return [];
  return [{ sid: "InvokeSandbox", actions: ["lambda:InvokeFunction"], resources: [sandbox.functionArn] }, readBases(estate, sandbox)];
}

/** The same, after packing the repository. */
export function makeBases(estate: Estate): Permission[] {
  const sandbox = tenantsOf(estate);
  if (sandbox === null) return [];
  return [...useTenants(estate), { ...streamObjects(estate, folderOf(sandbox)), sid: "WriteBases" }, listBases(estate, sandbox)];
}

export function releaseBases(estate: Estate): Permission[] {
  const sandbox = tenantsOf(estate);
  return sandbox === null ? [] : [removeBases(estate, sandbox)];
}

/** The same for bases that no run needs. */
export function reapBases(estate: Estate): Permission[] {
  const sandbox = tenantsOf(estate);
  return sandbox === null ? [] : [removeBases(estate, sandbox), readBases(estate, sandbox), listBases(estate, sandbox)];
}
