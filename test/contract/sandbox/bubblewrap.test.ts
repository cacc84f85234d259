import { describe, expect, test } from "vitest";
import { createBubblewrapProvider, detectBubblewrap } from "../../../drivers/bubblewrap/index.ts";
import { describeSandbox } from "./sandbox-suite.ts";

const detection = await detectBubblewrap();
const abilities = { processes: true, rawPaths: true };

test("bubblewrap works on this machine", (context) => {
  if (!detection.available) context.skip(detection.reason);
  expect(detection).toEqual({ available: true });
});

describe.skipIf(!detection.available)("drivers", () => {
  describeSandbox("bubblewrap", () => createBubblewrapProvider({ mounts: [] }), abilities);
  describeSandbox(
    "bubblewrap without overlay and control groups",
    () => createBubblewrapProvider({ mounts: [], overlay: "never", controlGroups: "none" }),
    abilities,
  );
});
