import { fileURLToPath } from "node:url";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { LambdaMicrovmsClient } from "@aws-sdk/client-lambda-microvms";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import type { MicrovmSettings } from "../../core/config/cloud/microvm.ts";
import { systemClock } from "../../core/errors/clock.ts";
import { createMicrovmProvider } from "../../drivers/microvm/index.ts";
import { connectToolServer, packRepository } from "../../drivers/tool-server/index.ts";
import { controlPlatform } from "./state.ts";

/** Beside the bundle of `prepare`, the only function that builds images. */
const PARTS = fileURLToPath(new URL("./assets/sandbox/", import.meta.url));

export const openMicrovmProvider = (settings: MicrovmSettings): SandboxProvider =>
  createMicrovmProvider({
    client: new LambdaMicrovmsClient({ retryMode: "standard", maxAttempts: 5 }),
    logs: new CloudWatchLogsClient({}),
    settings,
    artifacts: controlPlatform().artifacts,
    connect: connectToolServer,
    parts: { folder: PARTS, pack: packRepository },
    clock: systemClock,
  });
