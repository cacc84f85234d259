import type { SkipReason } from "../skip.ts";

/** What the survey asks of its parser thread. Plain data: it crosses a thread boundary. */
export type Task = FunctionsTask | BodiesTask;

export interface FunctionsTask {
  readonly kind: "functions";
  readonly path: string;
  readonly bytes: Uint8Array;
  /** Names; empty: all. */
  readonly languages: readonly string[];
  readonly skipGenerated: boolean;
  /** Test functions inside the file. */
  readonly skipTests: boolean;
}

export interface BodiesTask {
  readonly kind: "bodies";
  readonly path: string;
  readonly text: string;
}

/** Lines are 1-based and inclusive. */
export interface LineRange {
  readonly startLine: number;
  readonly endLine: number;
}

export interface FoundFunction extends LineRange {
  /** Unique in its file: the qualified name with `#2`, `#3` … for redefinitions. */
  readonly key: string;
  readonly name: string;
}

export type TaskResult =
  /** `language` null: no language of ours. */
  | { readonly kind: "functions"; readonly language: string | null; readonly functions: readonly FoundFunction[] }
  | { readonly kind: "bodies"; readonly bodies: readonly LineRange[] | null }
  | { readonly kind: "skipped"; readonly reason: SkipReason };

export interface Reply {
  /** Null: the parser broke, and this thread with it. */
  readonly result: TaskResult | null;
  readonly memoryBytes: number;
}
