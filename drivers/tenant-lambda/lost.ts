import { SandboxError } from "../../core/errors/index.ts";

/** The environment of a workspace is not there any more, or does not know the workspace; nothing of it can be had from it. */
export class LostError extends SandboxError {
  constructor(why: string, cause?: unknown) {
    super("sandbox_failed", `The sandbox's environment is lost: ${why}.`, {
      hint: "The workspace of this rollout is lost; the run goes on.",
      ...(cause === undefined ? {} : { cause }),
    });
  }
}
