import type { BaseSnapshot, ExecOptions, PrepareRequest, Sandbox, SandboxProvider } from "../../../core/agent/sandbox.ts";
import { LIMITS, repository } from "../sandbox/sandbox-repository.ts";
import { text } from "../sandbox/sandbox-suite.ts";

export const prepareIn = (provider: SandboxProvider, directory: string, more: Partial<PrepareRequest> = {}): Promise<BaseSnapshot> =>
  provider.prepare({ source: repository(), directory, install: [], timeoutMs: 60_000, limits: LIMITS, ...more });

export const openOn = (provider: SandboxProvider, base: BaseSnapshot, signal?: AbortSignal): Promise<Sandbox> =>
  provider.open(base, { limits: LIMITS, ...(signal && { signal }) });

export async function said(sandbox: Sandbox, command: string, options: Partial<ExecOptions> = {}): Promise<string> {
  return text((await sandbox.exec(command, { timeoutMs: 20_000, shell: "session", ...options })).output);
}
