import { resolve } from "node:path";

declare const SERAC_BUNDLE: boolean | undefined;

const isInstalled = typeof SERAC_BUNDLE !== "undefined" && SERAC_BUNDLE;

/** How a person calls serac where this process was called: installed, through npx, in a checkout, or a checkout's script from elsewhere. */
export const COMMAND = isInstalled ? installedCommand() : checkoutCommand();

function installedCommand(): string {
  return process.env["npm_command"] === "exec" ? "npx serac" : "serac";
}

function checkoutCommand(): string {
  const root = resolve(import.meta.dirname, "..");
  const isThere = process.env["npm_lifecycle_event"] !== undefined || process.cwd() === root;
  return isThere ? "npm run -s serac --" : `node ${resolve(root, "bin/serac.ts")}`;
}
