import { expect, test } from "vitest";

import { flagLayer } from "../../../core/config/layer.ts";
import { resolveConfig } from "../../../core/config/resolve.ts";
import { checkSecrets } from "../../../core/config/secrets.ts";

const withKey = resolveConfig([flagLayer({ teacher: { baseUrl: "http://x/v1", model: "m", apiKeyEnv: "MY_KEY" } })]);
const withoutKey = resolveConfig([flagLayer({ teacher: { baseUrl: "http://x/v1", model: "m" } })]);

test("gives the key, or null when none is asked for", () => {
  expect(checkSecrets(withKey, { MY_KEY: "sk-1" })).toBe("sk-1");
  expect(checkSecrets(withoutKey, { MY_KEY: "sk-1" })).toBeNull();
  expect(checkSecrets(resolveConfig([]), {})).toBeNull();
});

test.each([
  ["not set", undefined, "MY_KEY is not set"],
  ["empty", "", "MY_KEY is empty"],
  ["blank", "  ", "MY_KEY is empty"],
  ["with a line break", "secret\n", "MY_KEY holds white space"],
  ["with a space", "my secret", "MY_KEY holds white space"],
  ["with odd characters", "secrét", "characters that no API key has"],
])("names the variable and not its content when it is %s", (_what, value, message) => {
  const act = (): unknown => checkSecrets(withKey, { MY_KEY: value });
  expect(act).toThrow(message);
  expect(act).not.toThrow(/secr/);
});
