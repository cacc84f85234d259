import fc from "fast-check";
import { expect, test } from "vitest";
import { clientModelOf } from "../../../../cli/connect/client-model.ts";
import { clientWindows } from "../../../../cli/connect/client-windows.ts";
import { clientEnvironment, clientSettings, type Connection } from "../../../../cli/connect/environment.ts";

const CONNECTION: Connection = {
  baseUrl: "http://127.0.0.1:41234",
  key: "serac-key",
  model: "student",
  contextTokens: 32_768,
  maxOutputTokens: null,
  version: [2, 1],
};

test("what leads to another model or carries another key is taken away, the rest stays", () => {
  const own = {
    PATH: "/bin",
    ANTHROPIC_API_KEY: "sk-other",
    ANTHROPIC_CUSTOM_HEADERS: "x: y",
    ANTHROPIC_BEDROCK_BASE_URL: "https://elsewhere.example",
    CLAUDE_CODE_USE_BEDROCK: "1",
    CLAUDE_CODE_USE_VERTEX: "1",
    CLAUDE_CODE_OAUTH_TOKEN: "t",
    CLAUDECODE: "1",
    CLAUDE_CONFIG_DIR: "/home/me/.claude-work",
    BASH_DEFAULT_TIMEOUT_MS: "1000",
  };
  const env = clientEnvironment(own, CONNECTION);
  expect(env).toMatchObject({
    PATH: "/bin",
    CLAUDE_CONFIG_DIR: "/home/me/.claude-work",
    BASH_DEFAULT_TIMEOUT_MS: "1000",
    ANTHROPIC_BASE_URL: "http://127.0.0.1:41234",
    ANTHROPIC_AUTH_TOKEN: "serac-key",
    CLAUDE_CODE_MAX_CONTEXT_TOKENS: "45056",
    CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096",
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
    CLAUDE_CODE_RETRY_WATCHDOG: "1",
    CLAUDE_CODE_RETRY_WATCHDOG_SCOPE: "capacity",
    API_TIMEOUT_MS: "3600000",
  });
  const others = Object.values(env).filter((value) => value === "sk-other" || value === "x: y" || value?.includes("elsewhere"));
  expect(others).toEqual([]);
  for (const name of ["CLAUDE_CODE_USE_BEDROCK", "CLAUDE_CODE_USE_VERTEX", "CLAUDE_CODE_OAUTH_TOKEN", "CLAUDECODE"])
    expect(env).not.toHaveProperty(name);
  expect(clientEnvironment({ API_TIMEOUT_MS: "5" }, CONNECTION)["API_TIMEOUT_MS"]).toBe("5");
});

test("all its models are the one", () => {
  const names = Object.entries(clientEnvironment({}, CONNECTION)).filter(([name]) => name.endsWith("_MODEL"));
  expect(names.length).toBeGreaterThanOrEqual(7);
  expect(new Set(names.map(([, value]) => value))).toEqual(new Set(["student"]));
});

test("settings say the same, and empty what settings of others could bring", () => {
  const settings = JSON.parse(JSON.stringify(clientSettings(CONNECTION)));
  expect(settings).toMatchObject({
    apiKeyHelper: "",
    env: {
      ANTHROPIC_BASE_URL: "http://127.0.0.1:41234",
      ANTHROPIC_AUTH_TOKEN: "serac-key",
      ANTHROPIC_API_KEY: "",
      CLAUDE_CODE_USE_BEDROCK: "",
    },
  });
  expect(clientEnvironment({}, CONNECTION)).toMatchObject(
    Object.fromEntries(Object.entries(settings.env).filter(([, value]) => value !== "")),
  );
});

test("a proxy is left out for loopback, and only for that", () => {
  const proxied = { HTTPS_PROXY: "http://proxy.example", NO_PROXY: "internal.example, 127.0.0.1" };
  expect(clientEnvironment(proxied, CONNECTION)).toMatchObject({
    NO_PROXY: "internal.example,127.0.0.1,localhost,::1",
    no_proxy: "internal.example,127.0.0.1,localhost,::1",
  });
  expect(clientEnvironment(proxied, { ...CONNECTION, baseUrl: "https://models.example" })["NO_PROXY"]).toBe(proxied.NO_PROXY);
});

test("an unknown window is not made up", () => {
  const env = clientEnvironment({}, { ...CONNECTION, contextTokens: null });
  expect(Object.keys(env).filter((name) => /CONTEXT|OUTPUT|AUTOCOMPACT/.test(name))).toEqual([]);
});

test.each([
  ["student", "student"],
  ["Qwen/Qwen3-32B", "Qwen/Qwen3-32B"],
  ["my-opus", "my-opus"],
  ["claude-x", "serac-model"],
  ["serac-claude-sonnet-4-5", "serac-model"],
  ["Sonnet", "serac-model"],
  ["opus[1m]", "serac-model"],
])("%s is asked for as %s", (name, asked) => {
  expect(clientModelOf(name)).toBe(asked);
});

test("compaction comes when an answer still fits, whatever the window", () => {
  fc.assert(
    fc.property(fc.integer({ min: 8192, max: 1_000_000 }), (window) => {
      const { env, outputTokens } = clientWindows(window, null, [2, 1]);
      // The client's own rule, measured: see client-windows.ts.
      const compactsAt = Number(env["CLAUDE_CODE_MAX_CONTEXT_TOKENS"]) - Math.min(outputTokens, 20_000) - 13_000;
      expect(compactsAt + outputTokens).toBeLessThan(window);
      expect(compactsAt).toBeGreaterThan(window * 0.75);
    }),
  );
});

test("older generations are told a share of the window that they assume, where there is one", () => {
  expect(clientWindows(32_768, null, [2, 0]).env).toEqual({ CLAUDE_CODE_MAX_OUTPUT_TOKENS: "4096", CLAUDE_AUTOCOMPACT_PCT_OVERRIDE: "14" });
  expect(clientWindows(200_000, null, [2, 0]).env).toEqual({ CLAUDE_CODE_MAX_OUTPUT_TOKENS: "16384" });
  expect(clientWindows(32_768, 1000, null).env).toEqual({ CLAUDE_CODE_MAX_OUTPUT_TOKENS: "1000", CLAUDE_CODE_MAX_CONTEXT_TOKENS: "45056" });
});
