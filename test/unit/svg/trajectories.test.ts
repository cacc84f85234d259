import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InputError, SeracError } from "../../../core/errors/index.ts";
import { readTrajectory, writeTrajectory } from "../../../core/svg/trajectories.ts";
import { openFileArtifacts } from "../../../drivers/files/index.ts";
import { removeFolder } from "../../folder.ts";
import { testStep, testTrajectory } from "../dataset/test-data.ts";

const trajectory = testTrajectory("r", { steps: [testStep(1), testStep(2, {}, [], "no call")], exitStatus: "submitted (exit_context)" });
const packed = (document: unknown): Uint8Array => zstdCompressSync(Buffer.from(JSON.stringify(document)));
const read = (content: Uint8Array) => readTrajectory({ get: () => Promise.resolve(content) }, "run", "r");

describe("the trajectory that a rollout leaves", () => {
  test("comes back as it was written, and twice written it has the same bytes", async () => {
    const folder = await mkdtemp(join(tmpdir(), "serac-trajectories-"));
    try {
      const artifacts = await openFileArtifacts(folder);
      const contents = async (): Promise<Uint8Array[]> => {
        const all: Uint8Array[] = [];
        for await (const key of artifacts.list("runs/")) all.push(await artifacts.get(key));
        return all;
      };
      await writeTrajectory(artifacts, "run", trajectory);
      const once = await contents();
      expect(once).toHaveLength(2);
      await writeTrajectory(artifacts, "run", trajectory);
      expect(await contents()).toEqual(once);
      expect(await readTrajectory(artifacts, "run", "r")).toEqual(trajectory);
    } finally {
      await removeFolder(folder);
    }
  });

  test("is missing or damaged: an error that names it", async () => {
    const missing = new SeracError("artifact_missing", "Not there.");
    await expect(readTrajectory({ get: () => Promise.reject(missing) }, "run", "r")).rejects.toBe(missing);
    await expect(read(Buffer.from("hello"))).rejects.toMatchObject({
      code: "record_invalid",
      message: expect.stringMatching(/^runs\/run\/rollouts\/r\/trajectory.json.zst is not zstd-compressed JSON/) as unknown,
    });
    const located = { get: () => Promise.resolve(packed({ ...trajectory, steps: "x" })), locate: (key: string) => `s3://b/${key}` };
    await expect(readTrajectory(located, "run", "r")).rejects.toThrow(/^s3:\/\/b\/runs\/.* is no trajectory: steps: /);
  });

  test("is a bomb: it is not unpacked", async () => {
    const bomb = zstdCompressSync(Buffer.alloc(300 * 1024 * 1024, 32));
    expect(bomb.byteLength).toBeLessThan(100_000);
    await expect(read(bomb)).rejects.toThrow(InputError);
  });

  test("property: any change of a value's kind is refused or read, never another error", async () => {
    const keys = Object.keys(trajectory);
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...keys), fc.jsonValue(), async (key, value) => {
        const given = { ...trajectory, [key]: value };
        const outcome = await read(packed(given)).then(
          (document) => isDeepStrictEqual(document, JSON.parse(JSON.stringify(given))),
          (error: unknown) => error instanceof InputError,
        );
        expect(outcome).toBe(true);
      }),
    );
  });
});
