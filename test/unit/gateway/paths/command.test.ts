import { execFileSync } from "node:child_process";
import { mkdirSync, realpathSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createPathMap } from "../../../../core/gateway/paths/create-path-map.ts";
import { removeFolderSync, temporaryFolder } from "../../../folder.ts";

describe("a command in a directory whose name needs quotes", () => {
  let root: string;
  beforeAll(() => {
    root = join(realpathSync(temporaryFolder()), `It's "a" $HOME; (b) \`c\` \\d é`);
    mkdirSync(root);
    writeFileSync(join(root, "a.txt"), "found\n");
  });
  afterAll(() => removeFolderSync(join(root, "..")));

  it.each([
    "cat /testbed/a.txt",
    'cat "/testbed/a.txt"',
    "cat '/testbed/a.txt'",
    "cat $'/testbed/a.txt'",
    "cd /testbed && cat a.txt",
    'echo "$(cat /testbed/a.txt)"',
    'echo "$(cat "/testbed/a.txt")"',
    "echo `cat /testbed/a.txt`",
    'echo `cat "/testbed/a.txt"`',
    "echo `cat '/testbed/a.txt'`",
    "(cd /testbed; cat a.txt)",
    "cat </testbed/a.txt # it's a comment\ncat /testbed/a.txt >/dev/null",
    'f() { cat "$1"; }; f /testbed/a.txt',
    'x=/testbed; cat "$x/a.txt"',
    "cat <<< x >/dev/null; cat /testbed/a.txt",
    "cat > /dev/null <<'EOF'\n/testbed isn't \"read\nEOF\ncat /testbed/a.txt",
    "bash <<'EOF'\ncat '/dev/null'\nEOF\ncat '/testbed/a.txt'",
    "cat >/dev/null <<-A <<B\n\tit's\n\tA\n`true` \"\nB\ncat /testbed/a.txt",
  ])("runs %j", (command) => {
    const text = createPathMap(root).commandToClient(command);
    expect(execFileSync("bash", ["-c", text], { encoding: "utf8" })).toBe("found\n");
  });

  it.each(["cat <<'EOF'\n/testbed\nEOF", "cat <<EOF\n/testbed\nEOF", 'printf "%s\\n" "/testbed"'])(
    "writes the path itself by %j",
    (command) => {
      expect(execFileSync("bash", ["-c", createPathMap(root).commandToClient(command)], { encoding: "utf8" })).toBe(`${root}\n`);
    },
  );

  it("changes a plain directory as any text is changed", () => {
    const map = createPathMap("/home/ann/my-service");
    expect(map.commandToClient("cd /testbed && cat '/testbed/a'")).toBe("cd /home/ann/my-service && cat '/home/ann/my-service/a'");
  });

  it("never fails, whatever is no bash", () => {
    const map = createPathMap("/my own dir");
    for (const text of ["cat '/testbed", 'a "$(b /testbed', "cat <<EOF\n/testbed", "<<", "$", "))/testbed", "`/testbed", "\\"]) {
      expect(map.commandToClient(text).length).toBeGreaterThanOrEqual(text.length);
    }
  });
});
