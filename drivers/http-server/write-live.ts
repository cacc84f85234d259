import type { ServerResponse } from "node:http";
import type { LiveBody } from "../../core/gateway/app/live-body.ts";

/** Writes an answer as it comes, past web streams: they cost more than everything else that happens to a token. */
export function writeLive(outgoing: ServerResponse, response: Response, live: LiveBody): void {
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.on("drain", () => live.resume());
  outgoing.on("close", () => live.leave());
  live.attach({
    write: (data) => outgoing.write(data),
    end: () => outgoing.end(),
    cut: () => outgoing.destroy(),
  });
  // A client wants the status also when the first word is still to come.
  outgoing.flushHeaders();
  // The client may have gone before there was anything to write.
  if (outgoing.destroyed) live.leave();
}
