import { createControlApp } from "../../core/control/api/app.ts";
import { stateEnvironment } from "../environment.ts";
import { handle } from "../http.ts";
import { openLog } from "../log.ts";
import { controlPlatform } from "../platform/state.ts";

const log = openLog({ function: "control" });

const app = createControlApp({
  platform: controlPlatform(),
  version: stateEnvironment(process.env).version,
  onDefect: (requestId, error) => log.error({ requestId, outcome: "defect" }, error),
});

/** The control API behind API Gateway. Its answers are short: they need no streaming. */
export const handler = handle(app);
