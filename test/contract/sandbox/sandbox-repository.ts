import path from "node:path";
import type { BaseSnapshot, SandboxLimits, SandboxProvider } from "../../../core/agent/sandbox.ts";
import type { RepositorySource } from "../../../core/survey/repository.ts";
import { memoryRepository } from "./memory-repository.ts";

export const LIMITS: SandboxLimits = { memoryMb: 512, processes: 128, diskMb: 64, fileMb: 32 };

/** A bit of everything that a tree can hold. */
export const repository = (): RepositorySource =>
  memoryRepository({
    ".gitignore": "*.log\n/build/\n",
    "README.md": "# Example\n",
    "crlf.txt": "one\r\ntwo\r\n",
    "latin1.txt": Uint8Array.from([0x63, 0x61, 0x66, 0xe9, 0x0a]),
    "no-newline.txt": "last line without end",
    "pixel.bin": Uint8Array.from([0, 1, 2, 255, 254, 0, 10, 13]),
    "run.sh": { content: "#!/bin/sh\necho ran\n", executable: true },
    "src/app.py": "def add(a, b):\n    return a + b\n",
    "src/deep/inner/leaf.txt": "leaf\n",
    "with space/naïve.txt": "käse\n",
    "link-to-readme": { content: "README.md", kind: "symlink" },
  });

/** What runs of the example begin with, below `folder`. */
export const exampleBase = (provider: SandboxProvider, folder: string): Promise<BaseSnapshot> =>
  provider.prepare({
    source: repository(),
    directory: path.join(folder, "base"),
    install: [],
    timeoutMs: 60_000,
    limits: LIMITS,
  });
