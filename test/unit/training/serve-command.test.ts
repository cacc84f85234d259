import * as fc from "fast-check";
import { expect, test } from "vitest";
import { serveCommand, serveCommandLine, type TrainedModel } from "../../../core/training/serve-command.ts";

const adapter: TrainedModel = {
  name: "parcels",
  folder: "/home/me/.serac/artifacts/models/parcels-1/model",
  config: { base: "Qwen/Qwen3-8B", method: "lora", loraRank: 32, contextTokens: 32_768 },
};

test("an adapter is served beside its base, which keeps its own name", () => {
  expect(serveCommandLine(adapter)).toBe(
    "vllm serve Qwen/Qwen3-8B --served-model-name Qwen/Qwen3-8B --max-model-len 32768 --enable-auto-tool-choice --tool-call-parser hermes" +
      " --chat-template /home/me/.serac/artifacts/models/parcels-1/model/chat_template.jinja --enable-prefix-caching" +
      " --enable-lora --max-lora-rank 32 --lora-modules parcels=/home/me/.serac/artifacts/models/parcels-1/model",
  );
});

test("all weights are served from their folder, under the model's name", () => {
  const { folder } = adapter;
  expect(serveCommand({ ...adapter, gpus: 4, config: { ...adapter.config, method: "full", revision: "main" } })).toEqual(
    `vllm serve ${folder} --served-model-name parcels --max-model-len 32768 --tensor-parallel-size 4 --enable-auto-tool-choice --tool-call-parser hermes --chat-template ${folder}/chat_template.jinja --enable-prefix-caching`.split(
      " ",
    ),
  );
});

test("the base is the one that the adapter was trained on: its revision, and a base in a bucket is streamed", () => {
  expect(serveCommandLine({ ...adapter, config: { ...adapter.config, revision: "abc123" } })).toContain(" --revision abc123 ");
  expect(serveCommandLine({ ...adapter, config: { ...adapter.config, base: "s3://weights/bases/qwen/" } })).toContain(
    "vllm serve s3://weights/bases/qwen/ --served-model-name s3://weights/bases/qwen/ --load-format runai_streamer ",
  );
});

test.each([
  [1, 1],
  [2, 8],
  [24, 32],
  [32, 32],
  [33, 64],
  [300, 320],
  [512, 512],
])("an adapter of rank %i is held in room for %i", (rank, served) => {
  expect(serveCommandLine({ ...adapter, config: { ...adapter.config, loraRank: rank } })).toContain(` --max-lora-rank ${served} `);
});

test("whatever a folder is called, quotes close and nothing stands outside of them", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (folder) => {
      const line = serveCommandLine({ ...adapter, config: { ...adapter.config, method: "full" }, folder });
      const bare = line.replaceAll(/'[^']*'/g, "").replaceAll(String.raw`\'`, "");
      expect(bare).toMatch(/^[\w./@%+=:,\- ]*$/);
    }),
  );
});
