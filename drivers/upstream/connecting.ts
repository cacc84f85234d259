import type { ClientRequest } from "node:http";
import { UpstreamError } from "../../core/gateway/upstream/upstream.ts";

/** Ends a request whose connection does not stand in time. Connections that are used again stand already. */
export function watchConnecting(request: ClientRequest, isSecure: boolean, limitMs: number): void {
  request.once("socket", (socket) => {
    if (!socket.connecting) return;
    const timer = setTimeout(() => request.destroy(new UpstreamError("timeout", "The model server did not answer in time.")), limitMs);
    const stop = (): void => clearTimeout(timer);
    socket.once(isSecure ? "secureConnect" : "connect", stop);
    socket.once("close", stop);
  });
}
