import type { Clock } from "../errors/clock.ts";
import type { Journal } from "../agent/journal.ts";
import type { SandboxProvider } from "../agent/sandbox.ts";
import type { Teacher } from "../agent/teacher.ts";
import type { ArtifactStore } from "./artifacts.ts";
import type { TaskQueue } from "./queue.ts";
import type { RunStore } from "./store.ts";

/** The state side of a platform: enough for status, show, score, export. */
export interface StatePlatform {
  readonly store: RunStore;
  readonly journal: Journal;
  readonly queue: TaskQueue;
  readonly artifacts: ArtifactStore;
  readonly clock: Clock;
}

/** Everything `advance()` needs. */
export interface Platform extends StatePlatform {
  readonly teacher: Teacher;
  readonly sandbox: SandboxProvider;
}
