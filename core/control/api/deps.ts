import type { ApiKeyRecord, ControlPlatform } from "../platform.ts";

export interface ControlDeps {
  readonly platform: ControlPlatform;
  /** Of serac; in the header serac-version of every answer. */
  readonly version: string;
  /** Hears of faults that are not the client's. `requestId` is what the client was told. */
  readonly onDefect?: (requestId: string, error: unknown) => void;
}

/** What the middleware leaves for the routes. */
export interface ControlEnv {
  Variables: { requestId: string; key: ApiKeyRecord };
}
