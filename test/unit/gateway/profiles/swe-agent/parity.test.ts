import fc from "fast-check";
import { afterAll, describe, expect, it } from "vitest";
import { createPathMap } from "../../../../../core/gateway/paths/create-path-map.ts";
import { hand } from "../../../agent/support/hand.ts";
import { workbench } from "../../../agent/support/repository.ts";
import { createConversation } from "./conversation.ts";

const bench = workbench();
afterAll(() => bench.close());

const PREFIX = "OBSERVATION:\n";

const FILES = {
  "src/app.py": `import os\n\n\ndef main():\n${Array.from({ length: 30 }, (_, index) => `    value_${index % 7} = ${index}\n`).join("")}    return 1\n`,
  "src/tabs.go": "func a() {\n\tif x {\n\t\ty := 1\n\t}\n\tz := 2\n}\n",
  "src/deep/er/still.py": "x = 1\n",
  "no_end.txt": "first\nsecond",
  "empty.txt": "",
  Makefile: "all:\n\techo hello\n",
  "long.txt": Array.from({ length: 900 }, (_, index) => `line ${index} of a long text file`).join("\n"),
  ".hidden/secret.txt": "s\n",
  "with space.md": "# Title\n\nThe code is in /testbed/src and not in /testbed2.\n",
};
const PATHS = [...Object.keys(FILES), "src", "", "src/deep", "missing.py", "src/missing", "new.py", "src/new_too.py"].map((path) =>
  `/testbed/${path}`.replace(/\/$/, ""),
);

const DIRECTORY = "/home/me/a project";
const map = createPathMap(DIRECTORY);
const CLIENT_FILES = Object.fromEntries(Object.entries(FILES).map(([name, content]) => [name, map.toClient(content)]));

const path = fc.constantFrom(...PATHS, "/testbed/", "/testbed/src/", "/testbed/src/../src/app.py", "src/app.py", "/etc/passwd");
const text = fc
  .array(
    fc.constantFrom(
      "    value_3 = 3",
      "value",
      "x",
      "",
      "        y = 1",
      "\ty",
      "    return 1",
      "/testbed/a",
      "é",
      "def main():",
      "second",
      "y := 1",
    ),
    {
      maxLength: 4,
    },
  )
  .map((lines) => lines.join("\n"));
const number = fc.integer({ min: -2, max: 45 });
const call = fc.oneof(
  fc.record({ command: fc.constant("view"), path }),
  fc.record({ command: fc.constant("view"), path, view_range: fc.oneof(fc.tuple(number, number), fc.constant("odd"), fc.tuple(number)) }),
  fc.record({ command: fc.constant("str_replace"), path, old_str: text, new_str: text }),
  fc.record({ command: fc.constant("insert"), path, insert_line: number, new_str: text }),
  fc.record({ command: fc.constant("create"), path, file_text: text }),
  fc.record({ command: fc.constant("undo_edit"), path }),
);

describe.each(["new", "old"] as const)("the editor through a client of the %s generation", (generation) => {
  it("answers as the harness does, whatever the model calls", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(call, { minLength: 1, maxLength: 8 }), async (calls) => {
        const harness = hand(await bench.open(FILES));
        const session = createConversation({ generation, files: CLIENT_FILES, directory: DIRECTORY, trims: false });
        for (const args of calls) {
          const seen = session.use("str_replace_editor", args);
          const expected = await harness.edit(args);
          expect({ args, seen: seen.replace(PREFIX, "") }).toEqual({ args, seen: expected });
        }
        for (const [file, content] of session.machine.files) {
          expect(map.toModel(content)).toBe(await harness.text(file.replace(DIRECTORY, "/testbed")));
        }
      }),
      { numRuns: 100 },
    );
  });
});
