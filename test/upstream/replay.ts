import { readFile } from "node:fs/promises";
import type { ProfileName } from "../../core/gateway/served-model.ts";
import { startGateway } from "./gateway.ts";
import { startUpstream } from "./index.ts";

/**
 * Sends the requests of a recorded session, one after another, to a gateway in this process, and prints what it asked its model server: a
 * list of bodies. The file holds `{ profile, requests }`.
 */
const recording: { readonly profile: ProfileName; readonly requests: readonly string[] } = JSON.parse(
  await readFile(process.argv[2] ?? "", "utf8"),
);
await using upstream = await startUpstream({ script: [{ content: "fine" }] });
await using gateway = await startGateway({ upstreamUrl: upstream.url, model: { profile: recording.profile } });
for (const body of recording.requests) await (await gateway.post("/v1/messages?beta=true", body)).text();
process.stdout.write(JSON.stringify(upstream.chats.map((received) => received.body)));
