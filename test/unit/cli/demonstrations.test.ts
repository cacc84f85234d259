import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readDemonstrations } from "../../../cli/run/demonstrations.ts";
import { removeFolder, temporaryFolder } from "../../folder.ts";

let folder: string;
beforeEach(async () => {
  folder = temporaryFolder();
});
afterEach(() => removeFolder(folder));

const write = async (name: string, content: string | Uint8Array): Promise<string> => {
  const file = join(folder, name);
  await writeFile(file, content);
  return file;
};

test("nothing given is nothing read", async () => {
  expect(await readDemonstrations(undefined)).toEqual([]);
});

test("a JSON file of texts and issues", async () => {
  const file = await write("issues.json", JSON.stringify(["plain", { title: "T", body: "B" }, { title: "only" }, { text: "t" }]));
  expect(await readDemonstrations(file)).toEqual(["plain", "T\n\nB", "only", "t"]);
});

test("a folder, in the order of names", async () => {
  await write("b.md", "second\n");
  await write("a.txt", "first");
  await write("c.json", '{"title":"third"}');
  await write("d.png", "not read");
  expect(await readDemonstrations(folder)).toEqual(["first", "second", "third"]);
});

test("what cannot be used names the file and what is allowed", async () => {
  const cases: [string, RegExp][] = [
    [join(folder, "nope"), /nope cannot be used: there is nothing/],
    [await write("x.json", "{"), /x\.json cannot be used: it is not valid JSON/],
    [await write("y.json", '["ok", 3]'), /y\.json cannot be used: entry 1 is neither/],
    [await write("z.json", Buffer.from([0x22, 0xff, 0x22])), /z\.json cannot be used: it is not UTF-8/],
    [await write("e.json", "[]"), /no texts were found/],
  ];
  for (const [path, message] of cases) {
    await expect(readDemonstrations(path)).rejects.toThrow(message);
    await expect(readDemonstrations(path)).rejects.toMatchObject({
      code: "config_invalid",
      hint: expect.stringContaining("Allowed is"),
    });
  }
});
