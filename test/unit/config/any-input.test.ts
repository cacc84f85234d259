import * as fc from "fast-check";
import { expect, test } from "vitest";
import { stringify } from "yaml";

import { knownKeys } from "../../../core/config/known-keys.ts";
import { flagLayer, isMapping, valueAt } from "../../../core/config/layer.ts";
import { loadConfig, resolveConfig } from "../../../core/config/resolve.ts";
import { configSchema } from "../../../core/config/schema.ts";
import { InputError } from "../../../core/errors/index.ts";

/** `taken`, or `refused` with a message fit for a person; anything else is the name of what went wrong. */
function outcome(act: () => unknown): string {
  try {
    act();
    return "taken";
  } catch (error) {
    if (!(error instanceof InputError)) return `threw ${String(error)}`;
    return /undefined|\[object/.test(error.message) ? `unfit: ${error.message}` : "refused";
  }
}

const FINE = /^(taken|refused)$/;

/** Mostly the right keys with odd values, so that the checks behind the first one are reached, too. */
const nearlyConfig = fc
  .array(fc.tuple(fc.constantFrom(...knownKeys().map((known) => known.path)), fc.oneof(fc.jsonValue(), fc.integer(), fc.constant("x"))))
  .map((pairs) => pairs.reduce<unknown>((root, [path, value]) => withValue(root, path, value), {}));

function withValue(node: unknown, [key, ...rest]: readonly string[], value: unknown): unknown {
  return key === undefined ? value : { ...(isMapping(node) ? node : {}), [key]: withValue(valueAt(node, [key]), rest, value) };
}

test("any JSON is a configuration or an InputError", () => {
  fc.assert(
    fc.property(fc.oneof(fc.jsonValue(), nearlyConfig), (value) => {
      expect(outcome(() => resolveConfig([flagLayer(value)]))).toMatch(FINE);
    }),
    { numRuns: 300, examples: [[JSON.parse('{"__proto__": []}')], [JSON.parse('{"constructor": 1}')]] },
  );
});

test("any YAML is a configuration or an InputError", () => {
  fc.assert(
    fc.property(fc.oneof(nearlyConfig, fc.jsonValue()), (value) => {
      expect(outcome(() => loadConfig(stringify(value), "serac.yaml"))).toMatch(FINE);
    }),
    { numRuns: 200 },
  );
});

test("any text and any bytes are a configuration or an InputError", () => {
  const tokens = [
    "plan",
    ":",
    " ",
    "\n",
    "- ",
    "[",
    "{",
    "}",
    "&a",
    "*a",
    "!!",
    "|",
    ">",
    '"',
    "'",
    "?",
    "\t",
    "#",
    "---",
    "%",
    "1",
    "x",
    "\r",
    "\0",
  ];
  const yamlish = fc.array(fc.constantFrom(...tokens)).map((parts) => parts.join(""));
  fc.assert(
    fc.property(fc.oneof(fc.string(), yamlish, fc.uint8Array()), (content) => {
      expect(outcome(() => loadConfig(content, "serac.yaml"))).toMatch(FINE);
    }),
    { numRuns: 500 },
  );
});

test("what was resolved once resolves to itself", () => {
  const good = nearlyConfig.filter((value) => outcome(() => resolveConfig([flagLayer(value)])) === "taken");
  fc.assert(
    fc.property(good, (value) => {
      const config = resolveConfig([flagLayer(value)]);
      expect(resolveConfig([flagLayer(config)])).toEqual(config);
      expect(configSchema.parse(JSON.parse(JSON.stringify(config)))).toEqual(config);
    }),
  );
});
