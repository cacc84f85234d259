import type { Draw } from "../draw.ts";
import { simpleName } from "../source/find.ts";
import type { Action, Scene } from "./action.ts";
import type { Belt } from "./belt.ts";
import { quoted } from "./belt.ts";

/** Some looking around before the work; how much depends on the draw. What comes back changes nothing. */
export function* explore(belt: Belt, path: string, name: string, draw: Draw): Scene<void> {
  const folder = path.includes("/") ? path.slice(0, path.lastIndexOf("/")) : ".";
  const extension = path.slice(path.lastIndexOf("."));
  const simple = simpleName(name);
  const looks: readonly Action[] = [
    { ...belt.folder(""), say: "I begin with a look at the repository.", think: "First an overview of the layout, then the place itself." },
    { ...belt.folder(folder), say: `What else is in ${folder}?`, think: "The neighbours of the file often show its conventions." },
    {
      ...belt.shell(`grep -rn ${quoted(simple)} ${quoted(folder)} --include=${quoted(`*${extension}`)} | head -20`),
      say: `Who uses ${simple}?`,
      think: "Callers show what the function is expected to do, and what must not change.",
    },
    {
      ...belt.shell("for file in README.md README.rst README.txt README; do if [ -f $file ]; then head -30 $file; break; fi; done"),
      say: "A glance at the README.",
      think: "The README may say how the project wants its errors handled.",
    },
    {
      ...belt.shell(`head -30 ${quoted(path)}`),
      say: "The top of the file, for its imports.",
      think: "Imports tell what the file depends on.",
    },
    {
      ...belt.shell("git log --oneline | head -5"),
      say: "Is there any history?",
      think: "Earlier changes could explain why things are as they are.",
    },
    {
      ...belt.shell(`wc -c ${quoted(path)}`),
      say: "How big is the file?",
      think: "A quick check that the path is right and the file no giant.",
    },
  ];
  const most = draw.pick([1, 2, 3, 4, 5, 6, 7]);
  const rest = [...looks];
  for (let count = 0; count < most; count += 1) {
    // The overview comes first more often than not.
    const index = count === 0 && draw.chance(0.75) ? 0 : Math.floor(draw.next() * rest.length);
    const [look] = rest.splice(index, 1);
    if (look !== undefined) yield look;
  }
}
