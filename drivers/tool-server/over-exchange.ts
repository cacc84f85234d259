import type { OpenOptions } from "../../core/agent/sandbox.ts";
import { encodeRequest, readResult } from "./caller.ts";
import { openRemoteSandbox, type OpenedSandbox } from "./remote-sandbox.ts";

/** Carries a request's bytes to the operations of a workspace, each once, and its result's bytes back. */
export type ExchangeBytes = (request: Buffer, options: { readonly patienceMs: number; readonly signal?: AbortSignal }) => Promise<Buffer>;

/** The workspace behind something that is no HTTP server; what `exchange` rejects with comes through as it is. */
export const openOverExchange = (exchange: ExchangeBytes, options: OpenOptions, close: () => Promise<void>): Promise<OpenedSandbox> =>
  openRemoteSandbox(
    {
      call: async (head, { body, patienceMs, signal }) =>
        readResult(await exchange(encodeRequest(head, body), { patienceMs, ...(signal && { signal }) })),
    },
    options,
    close,
  );
