import path from "node:path";
import { fileURLToPath } from "node:url";

/** Beside the bundle: what the image is made from. */
const folder = path.dirname(fileURLToPath(import.meta.url));
export const PLAN_FILE = path.join(folder, "plan.json");
export const PACK_FILE = path.join(folder, "repository.pack");
export const OWN_PROGRAM = fileURLToPath(import.meta.url);

/** Base of the workspaces. Everything but the tree's history is kept below it. */
export const BASE_FOLDER = process.env["SERAC_SANDBOX_BASE"] ?? "/var/lib/serac/base";
/** The platform's proxy comes from outside of the container. */
export const HOST = process.env["SERAC_SANDBOX_HOST"] ?? "0.0.0.0";
export const TOOL_PORT = Number(process.env["SERAC_SANDBOX_TOOL_PORT"] ?? 8080);
export const HOOK_PORT = Number(process.env["SERAC_SANDBOX_HOOK_PORT"] ?? 9000);
