import { createGatewayApp } from "../../core/gateway/app/app.ts";
import { streamHandle } from "../http.ts";
import { openLog } from "../log.ts";
import { openGatewayDeps } from "../platform/gateway.ts";

const log = openLog({ function: "gateway" });

/** The gateway behind API Gateway, which passes on what is streamed. */
export const handler = streamHandle(
  createGatewayApp({
    ...openGatewayDeps(process.env),
    onRequest: (record) => log.info({ ...record }),
    onDefect: (requestId, error) => log.error({ requestId, outcome: "defect" }, error),
  }),
);
