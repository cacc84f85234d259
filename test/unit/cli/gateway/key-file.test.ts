import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOfEnvironment, readKeyFile } from "../../../../cli/gateway/key-file.ts";
import { freshKey, newKeyText } from "../../../../cli/gateway/new-key.ts";
import { hashOf } from "../../../../core/gateway/key-ring.ts";
import { createKeyRing } from "../../../../core/gateway/key-ring.ts";
import { silentIo } from "../silent-io.ts";
import { removeFolder, temporaryFolder } from "../../../folder.ts";

const KEY = "serac-a-key-that-is-long-enough";
const LIMITS = { requestsPerMinute: 60, tokensPerMinute: null };

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

async function read(text: string, name = "keys.yaml") {
  await writeFile(join(folder, name), text);
  return readKeyFile(name, LIMITS, silentIo({ TEAM_KEY: KEY, SHORT: "abc", GAP: "two words and more of them" }, folder));
}

test("hashes, variables and limits", async () => {
  const records = await read(`
- { id: alice, sha256: ${hashOf(KEY).toUpperCase()}, tokensPerMinute: 1000, requestsPerMinute: null }
- { id: bob, sha256: ${"0a".repeat(32)}, revoked: true, capture: true }
`);
  expect(records).toEqual([
    { id: "alice", sha256: hashOf(KEY), isRevoked: false, requestsPerMinute: null, tokensPerMinute: 1000, capture: false },
    { id: "bob", sha256: "0a".repeat(32), isRevoked: true, requestsPerMinute: 60, tokensPerMinute: null, capture: true },
  ]);
  expect(await read("- { id: team, keyEnv: TEAM_KEY }")).toMatchObject([{ id: "team", sha256: hashOf(KEY) }]);
});

test("JSON and JSON lines", async () => {
  const entry = { id: "a", sha256: hashOf(KEY) };
  expect(await read(JSON.stringify([entry]), "keys.json")).toMatchObject([entry]);
  expect(await read(`${JSON.stringify(entry)}\n\n${JSON.stringify({ id: "b", sha256: "1b".repeat(32) })}\n`, "keys.jsonl")).toHaveLength(2);
});

test("the line that --new-key prints is read, and its key opens the gateway", async () => {
  const [key, , , , line] = newKeyText("alice").split("\n");
  const ring = createKeyRing(await read(line!));
  expect(await ring.find(key!)).toMatchObject({ id: "alice", isRevoked: false });
  expect(await ring.find(freshKey())).toBeNull();
});

test.each([
  ["a: b", /keys\.yaml: it must hold a list/],
  ["[]", /keys\.yaml: it holds no key/],
  ["- x: [", /not valid YAML/],
  ["- alice", /entry 1: an entry is a mapping with id, sha256/],
  [`- { id: a, sha265: ${"0a".repeat(32)} }`, /entry 1: sha265 is not known; known are id, sha256, keyEnv/],
  ["- { id: a }", /entry 1 \(a\): allowed is either sha256 or keyEnv/],
  ["- { id: a, sha256: hunter22hunter22 }", /entry 1: sha256: allowed are 64 hexadecimal digits/],
  ["- { id: 'a b', keyEnv: TEAM_KEY }", /entry 1: id: allowed are letters/],
  ["- { id: a, keyEnv: NOT_SET }", /NOT_SET is not set/],
  ["- { id: a, keyEnv: SHORT }", /shorter than 16/],
  ["- { id: a, keyEnv: GAP }", /white space/],
  ["- { id: a, keyEnv: TEAM_KEY, requestsPerMinute: 0 }", /requestsPerMinute/],
  [`- { id: a, sha256: ${"0a".repeat(32)} }\n- { id: a, sha256: ${"1b".repeat(32)} }`, /entry 2: the id a is there already/],
  [`- { id: a, sha256: ${"0a".repeat(32)} }\n- { id: b, sha256: ${"0a".repeat(32)} }`, /entry 2: the key of b is another one's/],
])("%s", async (text, message) => {
  const error: unknown = await read(text).catch((thrown: unknown) => thrown);
  expect(error).toMatchObject({ name: "InputError", message: expect.stringMatching(message) });
  expect(JSON.stringify(error)).not.toMatch(/hunter22|two words/);
});

test("a key in place of its variable's name is not shown", () => {
  const io = silentIo({});
  expect(() => keyOfEnvironment("sk-hunter22", LIMITS, false, io)).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter22") }),
  );
});

test("a key that was read is shown nowhere from then on", () => {
  const io = silentIo({ TEAM_KEY: KEY });
  expect(keyOfEnvironment("TEAM_KEY", LIMITS, false, io)).toMatchObject({ id: "TEAM_KEY", sha256: hashOf(KEY), requestsPerMinute: 60 });
  expect(io.redactor.clean(`Bearer ${KEY}`)).not.toContain(KEY);
});
