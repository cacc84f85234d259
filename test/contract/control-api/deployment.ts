import { createHash } from "node:crypto";
import { join } from "node:path";
import { createControlApp } from "../../../core/control/api/app.ts";
import type { TrainingSettings } from "../../../core/config/cloud/training.ts";
import { newApiKey } from "../../../core/control/keys.ts";
import {
  API_SCOPES,
  type ApiKeyRecord,
  type ApiKeyStore,
  type ApiScope,
  type ControlPlatform,
  type DropStore,
} from "../../../core/control/platform.ts";
import { systemClock, type Clock } from "../../../core/errors/clock.ts";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { serveHttp } from "../../../drivers/http-server/index.ts";
import { openHome } from "../../../drivers/sqlite/index.ts";
import { startLinks, type LinksServer } from "./links-server.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

export const VERSION = "0.1.0-test";

export interface Deployment extends AsyncDisposable {
  readonly platform: ControlPlatform;
  /** The control API over HTTP. */
  readonly url: string;
  readonly links: LinksServer;
  /** Faults of serac that the API told of. */
  readonly defects: unknown[];
  readonly folder: string;
  /** The application without a server. */
  ask(path: string, init?: RequestInit): Promise<Response>;
  newKey(...scopes: readonly ApiScope[]): Promise<string>;
}

/** The control API on the embedded drivers and a real HTTP server. */
export async function startDeployment(clock: Clock = systemClock, training: TrainingSettings | null = null): Promise<Deployment> {
  const folder = temporaryFolder();
  const home = openHome(join(folder, "home"), clock);
  const artifacts = await openFileArtifacts(join(folder, "artifacts"));
  const links = await startLinks(artifacts);
  const platform: ControlPlatform = {
    store: home.store,
    journal: home.journal,
    queue: home.queue,
    artifacts,
    clock,
    links: links.links,
    drops: dropsInMemory(),
    keys: keysInMemory(),
    models: home.models,
    training,
    version: VERSION,
    factsOf: async (key) => {
      if (!(await artifacts.exists(key))) return null;
      const content = await artifacts.get(key);
      return { bytes: content.byteLength, version: createHash("sha256").update(content).digest("hex") };
    },
  };
  const defects: unknown[] = [];
  const app = createControlApp({ platform, version: VERSION, onDefect: (_requestId, error) => defects.push(error) });
  const server = await serveHttp(app.fetch, { host: "127.0.0.1", port: 0 });
  return {
    platform,
    url: server.url,
    links,
    defects,
    folder,
    ask: async (path, init) => app.request(path, init),
    newKey: async (...scopes) => {
      const { key, record } = newApiKey("test", scopes.length === 0 ? API_SCOPES : scopes, clock.now());
      await platform.keys.addKey(record);
      return key;
    },
    [Symbol.asyncDispose]: async () => {
      await server.close();
      await links.close();
      home.close();
      await removeFolder(folder);
    },
  };
}

function dropsInMemory(): DropStore {
  const claims = new Map<string, string>();
  return {
    claimDrop: async (name, version, runId) => {
      const key = JSON.stringify([name, version]);
      const owner = claims.get(key) ?? runId;
      claims.set(key, owner);
      return owner;
    },
  };
}

function keysInMemory(): ApiKeyStore {
  const records = new Map<string, ApiKeyRecord>();
  return {
    findKey: async (sha256) => [...records.values()].find((record) => record.sha256 === sha256) ?? null,
    addKey: async (record) => {
      records.set(record.id, record);
    },
    listKeys: async () => [...records.values()],
    revokeKey: async (id) => {
      const record = records.get(id);
      if (record === undefined) return false;
      records.set(id, { ...record, isRevoked: true });
      return true;
    },
  };
}
