import { afterEach } from "vitest";
import { type GatewayOptions, startGateway, type TestGateway } from "./gateway.ts";
import { startUpstream, type TestUpstream, type UpstreamOptions } from "./server.ts";

interface Stage {
  readonly upstream: TestUpstream;
  readonly gateway: TestGateway;
}

const stages: Stage[] = [];
afterEach(async () => {
  for (const { gateway, upstream } of stages.splice(0)) {
    await gateway.close();
    await upstream.close();
    if (gateway.defects.length > 0) throw new AggregateError(gateway.defects, "The gateway itself failed.");
  }
});

/** A gateway in front of a server that says what the script says, until the test is over; it fails when the gateway itself did. */
export async function stage(
  script: UpstreamOptions["script"],
  more: Partial<UpstreamOptions> = {},
  options: Partial<GatewayOptions> = {},
): Promise<Stage> {
  const upstream = await startUpstream({ script, ...more });
  const gateway = await startGateway({ upstreamUrl: upstream.url, ...options });
  stages.push({ upstream, gateway });
  return { upstream, gateway };
}
