import type { Endpoint } from "../../core/gateway/endpoint.ts";
import { SeracError } from "../../core/errors/index.ts";

export interface SecretEndpointOptions {
  readonly rootUrl: string;
  /** Reads the key of the model server; null: it needs none. */
  readonly readKey: (() => Promise<string>) | null;
}

const RETRY_SECONDS = 30;

/** A model server at a fixed address, ready once its key is known. */
export function createSecretEndpoint({ rootUrl, readKey }: SecretEndpointOptions): Endpoint {
  return {
    state: async () => {
      try {
        return { state: "ready", target: { rootUrl, apiKey: readKey === null ? null : await readKey() } };
      } catch (error) {
        if (!(error instanceof SeracError)) throw error;
        return { state: "failed", message: "The gateway cannot read the key of its model server.", retryAfterSeconds: RETRY_SECONDS };
      }
    },
    wake: () => Promise.resolve(),
  };
}
