import { describe, expect, it } from "vitest";
import { toolsetNamed } from "../../../core/agent/toolsets/index.ts";
import { complaintFor } from "../../../core/plan/complaint.ts";
import { MENU } from "../../../core/plan/menu.ts";
import { recipesIn } from "../../../drivers/rehearsal/edit/recipes.ts";
import { subjectOf } from "../../../drivers/rehearsal/agent/subject.ts";

describe("subjectOf", () => {
  it.each([
    ["There is a problem around the function `Outer.inner` in `src/pkg/a.py`.", "src/pkg/a.py", "Outer.inner"],
    ["Something near src/pkg/a.py::Outer.inner#2 looks wrong.", "src/pkg/a.py", "Outer.inner#2"],
    ["In /testbed/lib/x.ts the method Basket.total misbehaves; run `npm test`.", "lib/x.ts", "Basket.total"],
    ['"do it" (file "docs and code/ä b.go"): the function "Run" loses data', "docs and code/ä b.go", "Run"],
    ["The `parse()` function of `a/b.rs`, see `README.md` and `bash`.", "a/b.rs", "parse"],
    ["Please look at ./main.c, function called main.", "main.c", "main"],
    ["The function `One.go` in `one.rb` hangs.", "one.rb", "One.go"],
    ["`Server#start` (a method in `app/server.rb`) hangs.", "app/server.rb", "Server#start"],
  ])("%s", (text, path, name) => {
    expect(subjectOf(text)).toEqual({ path, name });
  });

  it.each([
    "Nothing is named here.",
    "Look at `README.md`.",
    "The function in the middle is odd.",
    "`../../etc/x.py` has a function `f`.",
    "",
  ])("%j names none", (text) => {
    expect(subjectOf(text)).toBeNull();
  });

  it.each(["swe-agent", "mini"] as const)(
    "reads every complaint of the menu in the prompt of %s, and takes none for a symptom",
    (toolset) => {
      const tools = toolsetNamed(toolset);
      const functions = [
        { name: "Cart.total", path: "shop/cart.py" },
        { name: "go", path: "main.go" },
        { name: "constructor", path: "src/deep/er/a-b.c.test-helper.ts" },
        { name: "Stream.h#2", path: "lib/stream.rb" },
      ];
      for (const { id } of MENU) {
        for (const { name, path } of functions) {
          const complaint = complaintFor(id, { name, path }, { kinds: {} });
          const prompt = `${tools.systemPrompt}\n\n${tools.instancePrompt({ kind: "complaint", functionName: name, path, complaint })}`;
          expect([id, subjectOf(prompt)]).toEqual([id, { name, path }]);
          expect(recipesIn(prompt)).toEqual([]);
        }
      }
    },
  );

  it.each(["swe-agent", "mini"] as const)("reads the prompts of the toolset %s", (toolset) => {
    const tools = toolsetNamed(toolset);
    const prompt = (text: string): string => `${tools.systemPrompt}\n\n${text}`;
    const complaint = tools.instancePrompt({
      kind: "complaint",
      functionName: "Cart.total",
      path: "shop/cart.py",
      complaint: "Errors that occur on the way may get lost.",
    });
    expect(subjectOf(prompt(complaint))).toEqual({ path: "shop/cart.py", name: "Cart.total" });
    const pullRequest = tools.instancePrompt({
      kind: "pull_request",
      text: "# Trouble\n\nThe function `Cart.total` in `shop/cart.py` is off by one.",
    });
    expect(subjectOf(prompt(pullRequest))).toEqual({ path: "shop/cart.py", name: "Cart.total" });
  });
});
