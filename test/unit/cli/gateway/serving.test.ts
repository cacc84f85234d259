import { Command } from "commander";
import { expect, test } from "vitest";
import { addServingFlags, type ServingFlags } from "../../../../cli/gateway/flags.ts";
import { servingOf } from "../../../../cli/gateway/serving.ts";
import { servedModel } from "../../../upstream/served-model.ts";
import { silentIo } from "../silent-io.ts";

const LISTED = { id: "student", contextTokens: 32_768 };

/** The flags as commander hands them to an action, read. */
function serving(...argv: string[]) {
  const flags = addServingFlags(new Command().exitOverride()).parse(argv, { from: "user" }).opts<ServingFlags>();
  return servingOf(flags, silentIo({ VLLM_KEY: "hunter22" }));
}

test("without flags: the student's tools, escapes as in training, the server's window", () => {
  const { target, wish, price, modelOf } = serving("--upstream", "http://gpu:8000/v1");
  expect(target).toEqual({ rootUrl: "http://gpu:8000", apiKey: null });
  expect(wish).toEqual({ name: null, isUnlistedFine: false });
  expect(price).toEqual({ input: 0, cachedInput: 0, output: 0, isGiven: false });
  expect(modelOf(LISTED)).toEqual(servedModel({ profile: "swe-agent" }));
});

test("every flag", () => {
  const { target, wish, price, modelOf } = serving(
    ...["--upstream", "http://gpu:8000", "--upstream-key-env", "VLLM_KEY", "--model", "student", "--unlisted", "--profile", "native"],
    ...["--served-name", "s", "--context-tokens", "16384", "--max-output-tokens", "2048", "--temperature", "0.6", "--top-p", "0.95"],
    ...["--top-k", "20", "--thinking", "none", "--vision", "--input-price", "0.2", "--output-price", "1"],
  );
  expect(target.apiKey).toBe("hunter22");
  expect(wish).toEqual({ name: "student", isUnlistedFine: true });
  expect(price).toEqual({ input: 0.2, cachedInput: 0.2, output: 1, isGiven: true });
  expect(modelOf(LISTED)).toEqual({
    name: "s",
    upstreamName: "student",
    profile: "native",
    contextTokens: 16_384,
    maxOutputTokens: 2048,
    sampling: { temperature: 0.6, topP: 0.95, topK: 20 },
    canSeeImages: true,
    thinking: "none",
    escapesReserved: false,
    readsCallsInText: true,
  });
});

test("a model of somebody else's training", () => {
  expect(serving("--upstream", "http://gpu", "--no-escape").modelOf(LISTED).escapesReserved).toBe(false);
});

test.each([
  [[], /--upstream is missing/],
  [["--upstream", "http://gpu", "--context-tokens", "1e5"], /--context-tokens: found "1e5"; allowed: a whole number/],
  [["--upstream", "http://gpu", "--temperature", "warm"], /--temperature: found "warm"; allowed: a number from 0 to 2/],
  [["--upstream", "http://gpu", "--top-p", "2"], /--top-p/],
  [["--upstream", "http://gpu", "--upstream-key-env", "NOT_SET"], /NOT_SET is not set/],
  [["--upstream", "http://gpu", "--input-price", "-1"], /--input-price/],
])("%j", (argv, message) => {
  expect(() => serving(...argv)).toThrow(message);
});

test("a window larger than the server's cannot be had", () => {
  expect(() => serving("--upstream", "http://gpu", "--context-tokens", "65536").modelOf(LISTED)).toThrow(
    /--context-tokens: 65536 is more than the window of student, 32,768 tokens/,
  );
  expect(serving("--upstream", "http://gpu", "--context-tokens", "65536").modelOf({ ...LISTED, contextTokens: null }).contextTokens).toBe(
    65_536,
  );
});
