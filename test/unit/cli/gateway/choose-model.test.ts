import { expect, test } from "vitest";
import { chooseModel } from "../../../../cli/gateway/choose-model.ts";

const WHERE = "http://gpu:8000";
const models = [
  { id: "Qwen3-32B", contextTokens: 32_768 },
  { id: "parcels-agent", contextTokens: 32_768 },
];
const wish = (name: string | null, isUnlistedFine = false) => ({ name, isUnlistedFine });

test("the one that was named, or the only one", () => {
  expect(chooseModel(models, wish("parcels-agent"), WHERE)).toEqual(models[1]);
  expect(chooseModel(models.slice(0, 1), wish(null), WHERE)).toEqual(models[0]);
});

test("several, none, and one that is not there", () => {
  expect(() => chooseModel(models, wish(null), WHERE)).toThrow(/serves Qwen3-32B, parcels-agent, so a model has to be named/);
  expect(() => chooseModel([], wish(null), WHERE)).toThrow(/lists no model/);
  expect(() => chooseModel(models, wish("parcel-agent"), WHERE)).toThrow(
    expect.objectContaining({ code: "upstream_model_unknown", hint: "Did you mean parcels-agent?" }),
  );
  expect(() => chooseModel(models, wish("gpt-9"), WHERE)).toThrow(expect.objectContaining({ hint: expect.stringContaining("--unlisted") }));
});

test("an adapter that is loaded on first use has the window of what is listed, where that is one", () => {
  expect(chooseModel(models, wish("adapter", true), WHERE)).toEqual({ id: "adapter", contextTokens: 32_768 });
  const mixed = [...models, { id: "small", contextTokens: 8192 }];
  expect(chooseModel(mixed, wish("adapter", true), WHERE)).toEqual({ id: "adapter", contextTokens: null });
  expect(chooseModel([], wish("adapter", true), WHERE)).toEqual({ id: "adapter", contextTokens: null });
});

test("a long list is not printed whole", () => {
  const many = Array.from({ length: 500 }, (_, index) => ({ id: `model-${index}`, contextTokens: null }));
  expect(() => chooseModel(many, wish(null), WHERE)).toThrow(/model-19 and more/);
});
