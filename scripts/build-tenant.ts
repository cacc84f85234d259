import { join } from "node:path";
import { bundleServer } from "./bundle-server.ts";

/** Makes what the image of the tenant-isolated function is built from. */
export const buildTenant = (folder: string): Promise<void> => bundleServer("tenant", folder);

/** usage: node scripts/build-tenant.ts [folder] */
if (import.meta.main) await buildTenant(process.argv[2] ?? join(import.meta.dirname, "../dist-lambdas/tenant"));
