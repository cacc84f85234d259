import { createGatewayApp } from "../../core/gateway/app/app.ts";
import type { GatewayDeps } from "../../core/gateway/deps.ts";
import type { Upstream } from "../../core/gateway/upstream/upstream.ts";
import { InputError } from "../../core/errors/index.ts";

export type ClosableUpstream = Upstream & { close(): Promise<void> };

/** Connections to model servers. The caller closes them, which cuts what is still under way. */
export async function openUpstream(): Promise<ClosableUpstream> {
  const { createUpstream } = await import("../../drivers/upstream/index.ts");
  return createUpstream();
}

export interface ListeningGateway {
  /** With the port that was really taken. */
  readonly url: string;
  /** Takes no new request, and gives answers under way `graceMs` to end. */
  close(): Promise<void>;
}

export interface Listening {
  readonly host: string;
  readonly port: number;
  readonly graceMs: number;
}

/** The gateway on this machine. InputError("usage") for a port or a host that cannot be had. */
export async function listen(deps: GatewayDeps, { host, port, graceMs }: Listening): Promise<ListeningGateway> {
  const { serveHttp } = await import("../../drivers/http-server/index.ts");
  try {
    return await serveHttp(createGatewayApp(deps).fetch, { host, port, graceMs });
  } catch (error) {
    throw refusedAddress(error, host, port);
  }
}

const HOST_CODES: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: "is no address of this machine",
  ENOTFOUND: "is no name that this machine knows",
  EAI_AGAIN: "cannot be looked up now",
};

function refusedAddress(error: unknown, host: string, port: number): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "EADDRINUSE") {
    return new InputError("usage", `--port: port ${port} is taken by another process.`, {
      hint: "Choose another, or 0 for a free one. Is another gateway running here?",
      cause: error,
    });
  }
  if (code === "EACCES") {
    return new InputError("usage", `--port: port ${port} may not be used without more rights.`, {
      hint: "Choose one above 1023, or 0 for a free one.",
      cause: error,
    });
  }
  const why = HOST_CODES[code];
  return why === undefined
    ? error
    : new InputError("usage", `--host: ${host} ${why}.`, { hint: "127.0.0.1 is this machine alone.", cause: error });
}
