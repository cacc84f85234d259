import { WORKSPACE } from "../../../../agent/sandbox.ts";
import { workspacePath } from "../../../../agent/toolsets/swe-agent/editor/path.ts";
import type { MessagesRequest } from "../../../client/request.ts";
import { workingDirectory } from "../../../paths/working-directory.ts";
import { readId } from "./call-ids.ts";

/**
 * The client's working directory. 1.0.128 and 2.0.77 do not name it when they ask for the summary of a conversation; then it is what the
 * path of a call became on its way to the client.
 */
export function knownDirectory(request: MessagesRequest): string | null {
  const told = workingDirectory(request);
  if (told !== null) return told;
  for (const { role, content } of request.messages) {
    if (role !== "assistant") continue;
    for (const block of content) {
      const read = block.type === "tool_use" ? readId(block) : null;
      if (block.type !== "tool_use" || read?.kind !== "call") continue;
      const clientPath = block.input["file_path"];
      const path = pathOf(read.state.arguments);
      if (path === null || typeof clientPath !== "string") continue;
      const below = path.slice(WORKSPACE.length);
      if (clientPath.endsWith(below)) return clientPath.slice(0, clientPath.length - below.length);
    }
  }
  return null;
}

function pathOf(args: string): string | null {
  try {
    const value: unknown = JSON.parse(args);
    if (typeof value !== "object" || value === null || !("path" in value) || typeof value.path !== "string") return null;
    const located = workspacePath(value.path);
    return located.ok ? located.path : null;
  } catch {
    return null;
  }
}
