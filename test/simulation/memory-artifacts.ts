import { SeracError } from "../../core/errors/index.ts";
import type { ArtifactStore } from "../../core/svg/artifacts.ts";
import type { Machine } from "./machine.ts";

const TRIP_MS = 30;

export function artifactsFor(machine: Machine, blobs: Map<string, Uint8Array>): ArtifactStore {
  const find = (key: string): Uint8Array => {
    const blob = blobs.get(key);
    if (blob === undefined) throw new SeracError("artifact_missing", `there is no ${key}`);
    return blob;
  };
  return {
    put: async (key, content) => {
      const parts: Uint8Array[] = [];
      if (content instanceof Uint8Array) parts.push(content);
      else for await (const part of content) parts.push(part);
      await machine.ask(TRIP_MS, () => {
        blobs.set(key, parts.length === 1 ? parts[0]! : Buffer.concat(parts));
      });
    },
    get: (key) => machine.ask(TRIP_MS, () => find(key)),
    stream: async function* (key) {
      yield await machine.ask(TRIP_MS, () => find(key));
    },
    exists: (key) => machine.ask(TRIP_MS, () => blobs.has(key)),
    list: async function* (prefix) {
      const keys = await machine.ask(TRIP_MS, () => [...blobs.keys()].filter((key) => key.startsWith(prefix)).toSorted());
      yield* keys;
    },
    remove: (key) =>
      machine.ask(TRIP_MS, () => {
        blobs.delete(key);
      }),
    locate: (key) => `s3://simulation/${key}`,
  };
}
