import { parentPort } from "node:worker_threads";
import { WORKSPACE } from "../../../core/agent/sandbox.ts";
import { changedFiles } from "../patch/changed-files.ts";
import { writePatch } from "../patch/write-patch.ts";
import { openBaseTree } from "../tree/base-tree.ts";
import type { BaseTree } from "../tree/base-tree.ts";
import { createOverlay } from "../tree/overlay.ts";
import type { Overlay } from "../tree/overlay.ts";
import type { Job, Reply, WorkspaceState } from "./protocol.ts";
import { execute, syntaxError } from "./shell.ts";

/** Entry of the thread that runs shells: one job at a time, one reply each. */
let base: { readonly directory: string; readonly tree: BaseTree } | undefined;

function overlayOf(workspace: WorkspaceState): Overlay {
  if (base?.directory !== workspace.baseDirectory) {
    base?.tree.close();
    base = { directory: workspace.baseDirectory, tree: openBaseTree(workspace.baseDirectory, WORKSPACE) };
  }
  return createOverlay(base.tree, workspace.changes, workspace.limits);
}

async function answer(job: Job): Promise<Reply> {
  if (job.kind === "syntax") return { kind: "syntax", message: syntaxError(job.command) };
  const overlay = overlayOf(job.workspace);
  return job.kind === "exec" ? execute(job, overlay) : { kind: "patch", patch: writePatch(changedFiles(overlay)) };
}

function failure(error: unknown): Reply {
  return { kind: "failed", message: error instanceof Error ? error.message : String(error) };
}

async function serve(job: Job): Promise<void> {
  const reply = await answer(job).catch(failure);
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has no origin
  parentPort?.postMessage(reply);
}

parentPort?.on("message", (job: Job) => void serve(job));
