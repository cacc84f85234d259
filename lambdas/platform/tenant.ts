import { LambdaClient } from "@aws-sdk/client-lambda";
import type { SandboxProvider } from "../../core/agent/sandbox.ts";
import type { TenantSettings } from "../../core/config/cloud/tenant.ts";
import { systemClock } from "../../core/errors/clock.ts";
import { createTenantLambdaProvider } from "../../drivers/tenant-lambda/index.ts";
import { openOverExchange, packRepository } from "../../drivers/tool-server/index.ts";
import { controlPlatform } from "./state.ts";

/** Above what one event takes: parts of bytes are stored, results waited for some seconds, an abort 15. */
const ANSWER_MS = 60_000;

export const openTenantProvider = (settings: TenantSettings): SandboxProvider =>
  createTenantLambdaProvider({
    // The driver itself waits before it asks again: what is under way at a tenant's environment would get it a second one.
    client: new LambdaClient({ maxAttempts: 1, requestHandler: { requestTimeout: ANSWER_MS } }),
    settings,
    artifacts: controlPlatform().artifacts,
    openTools: openOverExchange,
    pack: packRepository,
    clock: systemClock,
  });
