import { describe } from "vitest";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { describeSandbox } from "./sandbox-suite.ts";

const detection = await detectBubblewrap();
const abilities = { processes: true, rawPaths: true };

describe.skipIf(!detection.available)(detection.available ? "bubblewrap" : `bubblewrap (skipped: ${detection.reason})`, () => {
  describeSandbox("bubblewrap", () => createBubblewrapProvider({ mounts: [] }), abilities);
  describeSandbox(
    "bubblewrap without overlay and control groups",
    () => createBubblewrapProvider({ mounts: [], overlay: "never", controlGroups: "none" }),
    abilities,
  );
});
