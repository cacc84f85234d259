import { join } from "node:path";
import { createPythonTrainer } from "../../../drivers/trainer/index.ts";
import { PACKAGE, pythonThatHas } from "./programs.ts";

/** Trains until it is killed, and says when the trainer is ready for that. */
const [folder = "", root = ""] = process.argv.slice(2);
const python = await pythonThatHas(join(folder, "bin"), {});
await createPythonTrainer({ python, packageFolder: PACKAGE, scratch: join(folder, "scratch"), graceMs: 20_000, env: process.env }).run({
  root,
  onEvent: ({ event }) => {
    if (event === "stage") process.stdout.write("ready\n");
  },
  onLog: () => {},
  signal: new AbortController().signal,
});
