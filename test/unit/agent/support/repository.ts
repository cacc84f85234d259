import { join } from "node:path";
import type { BaseSnapshot, Sandbox, SandboxLimits, SandboxProvider } from "../../../../core/agent/sandbox.ts";
import type { RepositoryFile, RepositorySource } from "../../../../core/survey/repository.ts";
import { createVirtualBashProvider } from "../../../../drivers/virtual-bash/index.ts";
import { removeFolder, temporaryFolder } from "../../../folder.ts";

export type Files = Readonly<Record<string, string | Uint8Array>>;

export const SANDBOX_LIMITS: SandboxLimits = { memoryMb: 512, processes: 64, diskMb: 64, fileMb: 32 };

function bytesOf(content: string | Uint8Array): Uint8Array {
  return typeof content === "string" ? Buffer.from(content) : content;
}

export function memoryRepository(files: Files): RepositorySource {
  return {
    origin: "memory",
    commit: null,
    async *files(): AsyncIterable<RepositoryFile> {
      for (const path of Object.keys(files).toSorted()) {
        const bytes = bytesOf(files[path]!);
        yield { path, kind: "file", executable: false, size: bytes.length, read: () => Promise.resolve(bytes) };
      }
    },
    changeTexts: () => Promise.resolve([]),
    notes: [],
    close: () => Promise.resolve(),
  };
}

export interface Workbench {
  readonly provider: SandboxProvider;
  prepare(files: Files): Promise<BaseSnapshot>;
  open(files: Files): Promise<Sandbox>;
  close(): Promise<void>;
}

/** Real sandboxes for a test file: the virtual shell unless told otherwise. */
export function workbench(provider: SandboxProvider = createVirtualBashProvider({ threads: 1 })): Workbench {
  const directories: string[] = [];
  const sandboxes: Sandbox[] = [];
  const bench: Workbench = {
    provider,
    async prepare(files) {
      const directory = temporaryFolder();
      directories.push(directory);
      const source = memoryRepository(files);
      return provider.prepare({ source, directory: join(directory, "base"), install: [], timeoutMs: 60_000, limits: SANDBOX_LIMITS });
    },
    async open(files) {
      const sandbox = await provider.open(await bench.prepare(files), { limits: SANDBOX_LIMITS });
      sandboxes.push(sandbox);
      return sandbox;
    },
    async close() {
      await Promise.all(sandboxes.map((sandbox) => sandbox.close()));
      await provider.close();
      await Promise.all(directories.map((directory) => removeFolder(directory)));
    },
  };
  return bench;
}
