import { cannotBeRead, doesNotExist, isBinary, isFolder } from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import type { PathMap } from "../../../paths/path-map.ts";
import type { WholeText } from "./read-whole.ts";

/** What the harness says of a path whose text cannot be had; where it would not know of the reason, the client's own words. */
export function unreadable(path: string, read: Exclude<WholeText, { kind: "text" }>, paths: PathMap): string {
  if (read.kind === "too-large") return `${cannotBeRead(path)} ${paths.toModel(read.text)}`;
  switch (read.result.kind) {
    case "missing":
      return doesNotExist(path);
    case "folder":
      return isFolder(path);
    case "binary":
      return isBinary(path);
    case "unchanged":
      return cannotBeRead(path);
    default:
      return paths.toModel(read.result.text);
  }
}
