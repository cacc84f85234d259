import { alreadyExists, couldNotBeWritten, created } from "../../../../agent/toolsets/swe-agent/editor/sentences.ts";
import { observation } from "../../../../agent/observation.ts";
import { readWriteResult } from "../results/index.ts";
import { observed, type Ground, type Program } from "../program.ts";
import { readLines } from "./read-lines.ts";

/**
 * The harness never overwrites a file, so the client is asked first whether there is one: 2.1.329 writes over a file that it never read
 * (tried). One line is read rather than a command run, because reading needs nobody's leave. Folders that lack are made by the client.
 */
export function* create(path: string, content: string, ground: Ground): Program {
  const { paths } = ground;
  const clientPath = paths.toClient(path);
  const there = yield* readLines(clientPath, { limit: 1 }, ground);
  if (there.kind === "folder") return observed(observation(alreadyExists(path)), { type: "folder", path });
  if (there.kind === "refused") return observed(observation(paths.toModel(there.text)));
  if (there.kind !== "missing") return observed(observation(alreadyExists(path)), { type: "file", path });

  const step = yield { name: "Write", input: { file_path: clientPath, content: paths.toClient(content) } };
  const answer = readWriteResult(step.result);
  switch (answer.kind) {
    case "created": {
      const written = step.use.input["content"];
      const inserted = typeof written === "string" ? paths.toModel(written) : content;
      return observed(observation(created(path)), { type: "edit", path, edit: { at: 0, removed: "", inserted, created: true } });
    }
    case "overwritten":
    case "stale":
      return observed(observation(alreadyExists(path)), { type: "file", path });
    case "folder":
      return observed(observation(alreadyExists(path)), { type: "folder", path });
    default:
      return observed(observation(couldNotBeWritten(path, paths.toModel(answer.text))));
  }
}
