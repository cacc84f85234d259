import { mkdirSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../core/errors/index.ts";
import type { GatewayDeps } from "../../core/gateway/deps.ts";

/**
 * Writes each exchange into a file of its own that nobody else may read. A file that cannot be written is told once, and stops nothing.
 * InputError("usage") when the folder cannot be made.
 */
export function captureInto(folder: string, onLoss: (error: Error) => void): NonNullable<GatewayDeps["capture"]> {
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw new InputError("usage", `--capture: the folder ${folder} cannot be made.`, {
      hint: "Give a folder that you may write to.",
      cause,
    });
  }
  let isLost = false;
  return (key, exchange) => {
    const name = `${new Date().toISOString().replaceAll(/[:.]/g, "-")}-${exchange.requestId.replaceAll(/[^\w-]/g, "")}.json`;
    const text = `${JSON.stringify({ keyId: key?.id ?? null, ...exchange }, null, 1)}\n`;
    writeFile(join(folder, name), text, { mode: 0o600 }).catch((error: Error) => {
      if (!isLost) onLoss(error);
      isLost = true;
    });
  };
}
