import type { OverlayLimits } from "../tree/overlay.ts";
import type { Changes } from "../tree/change.ts";

/** A job carries the whole state of its workspace, so that any thread can do it and a killed thread costs only its job. */
export interface WorkspaceState {
  readonly baseDirectory: string;
  readonly changes: Changes;
  readonly limits: OverlayLimits;
}

export type Job =
  | {
      readonly kind: "exec";
      readonly workspace: WorkspaceState;
      readonly command: string;
      readonly cwd: string;
      readonly env: Readonly<Record<string, string>>;
      readonly timeoutMs: number;
      readonly output: SharedArrayBuffer;
    }
  | { readonly kind: "syntax"; readonly command: string }
  | { readonly kind: "patch"; readonly workspace: WorkspaceState };

export interface ExecReply {
  readonly kind: "exec";
  readonly changes: Changes;
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly outcome: "exited" | "timeout" | "output_limit";
  readonly exitCode: number;
  /** The command left the shell before its end: `exit`, `set -e`, a limit. */
  readonly left: boolean;
  /** Time that `sleep` only pretended to take. */
  readonly sleptMs: number;
}

export type Reply =
  | ExecReply
  | { readonly kind: "syntax"; readonly message: string | null }
  | { readonly kind: "patch"; readonly patch: Uint8Array }
  | { readonly kind: "failed"; readonly message: string };
