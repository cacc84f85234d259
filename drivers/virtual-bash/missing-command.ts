import { defineCommand } from "just-bash";
import type { Command } from "just-bash";

/** Interpreters that just-bash knows by name but does not bring along: they are simply not installed, and the agent is told so in bash's words. */
export const MISSING: readonly string[] = ["python", "python3", "node", "js-exec", "curl"];

export function missingCommand(name: string): Command {
  return defineCommand(name, async () => ({ stdout: "", stderr: `bash: ${name}: command not found\n`, exitCode: 127 }));
}
