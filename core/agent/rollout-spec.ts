import type { SeracConfig, TeacherConfig } from "../config/schema.ts";
import type { PaidCallDeps } from "./paid-call.ts";
import type { BaseSnapshot, SandboxLimits, SandboxProvider } from "./sandbox.ts";
import type { RolloutLimits, Task } from "./toolset.ts";

export interface RolloutSpec {
  /** Also the journal's stream. */
  readonly rolloutId: string;
  readonly toolset: SeracConfig["rollout"]["toolset"];
  readonly task: Task;
  readonly limits: RolloutLimits;
  readonly temperature: number;
  readonly maxOutputTokens?: number | undefined;
  readonly price: TeacherConfig["price"];
  readonly base: BaseSnapshot;
  readonly sandboxLimits: SandboxLimits;
}

export interface RolloutDeps extends PaidCallDeps {
  readonly sandbox: SandboxProvider;
  /** After every journaled step. */
  readonly onStep?: (progress: { readonly steps: number; readonly costMicroUsd: number }) => void;
}
