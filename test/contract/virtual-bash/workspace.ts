import { join } from "node:path";
import { createVirtualBashProvider } from "../../../drivers/virtual-bash/index.ts";
import type { VirtualBashOptions } from "../../../drivers/virtual-bash/index.ts";
import type { BaseSnapshot, Checkpoint, ExecResult, Sandbox, SandboxLimits, SandboxProvider } from "../../../core/agent/sandbox.ts";
import { memorySource } from "./memory-source.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

export const LIMITS: SandboxLimits = { memoryMb: 512, processes: 16, diskMb: 20, fileMb: 10 };

export interface Bench {
  readonly provider: SandboxProvider;
  readonly directory: string;
  prepare(entries: Parameters<typeof memorySource>[0], install?: readonly string[]): Promise<BaseSnapshot>;
  open(base: BaseSnapshot, checkpoint?: Checkpoint): Promise<Sandbox>;
  close(): Promise<void>;
}

export async function newBench(options?: VirtualBashOptions): Promise<Bench> {
  const directory = temporaryFolder();
  const provider = createVirtualBashProvider(options);
  let bases = 0;
  return {
    provider,
    directory,
    prepare: (entries, install = []) =>
      provider.prepare({
        source: memorySource(entries),
        directory: join(directory, `base${bases++}`),
        install,
        timeoutMs: 10_000,
        limits: LIMITS,
      }),
    open: (base, checkpoint) => provider.open(base, checkpoint === undefined ? { limits: LIMITS } : { limits: LIMITS, checkpoint }),
    close: async () => {
      await provider.close();
      await removeFolder(directory);
    },
  };
}

export async function sh(sandbox: Sandbox, command: string, timeoutMs = 10_000): Promise<ExecResult & { readonly text: string }> {
  const result = await sandbox.exec(command, { timeoutMs, shell: "session" });
  return { ...result, text: Buffer.from(result.output).toString() };
}
