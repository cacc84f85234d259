import { createGatewayApp } from "../../core/gateway/app/app.ts";
import { openLog } from "../log.ts";
import { openGatewayDeps } from "../platform/gateway.ts";
import { streamed } from "../streamed.ts";
import { chargedLimiter } from "./charges.ts";

const log = openLog({ function: "gateway" });

const deps = openGatewayDeps(process.env);
const limiter = chargedLimiter(deps.limiter);

const app = createGatewayApp({
  ...deps,
  limiter,
  onRequest: (record) => log.info({ ...record }),
  onDefect: (requestId, error) => log.error({ requestId, outcome: "defect" }, error),
});

/** The gateway behind API Gateway, which passes on what is streamed. */
export const handler = streamed({ fetch: (request) => app.fetch(request), settled: () => limiter.settled() });
