import { describe, expect, test } from "vitest";

import { KIND_IDS } from "../../../core/config/kind-ids.ts";
import { flagLayer } from "../../../core/config/layer.ts";
import { loadConfig, resolveConfig } from "../../../core/config/resolve.ts";
import { SURVEYED_LANGUAGES } from "../../../core/config/schema.ts";
import { yamlLayer } from "../../../core/config/yaml-layer.ts";
import { InputError } from "../../../core/errors/index.ts";

function refusal(act: () => unknown): InputError {
  try {
    act();
  } catch (error) {
    if (error instanceof InputError) return error;
    throw error;
  }
  throw new Error("It was accepted.");
}

const messageOf = (yaml: string | Uint8Array): string => refusal(() => loadConfig(yaml, "serac.yaml")).message;

describe("a good file", () => {
  test("of the design is taken, with defaults for the rest", () => {
    const config = loadConfig(
      `name: my-service
repo: { source: ".", commit: HEAD, include: [src], exclude: [] }
environment: { install: ["pip install -e ."], timeoutMinutes: 20 }
teacher: { baseUrl: "http://gpu:8000/v1", model: GLM-4.5-Air, apiKeyEnv: TEACHER_API_KEY,
           temperature: 0.6, concurrency: 32, price: { input: 0, cachedInput: 0, output: 0 } }  # USD per 1M tokens
plan: { samples: 8000, perFunction: 1, seed: 1 }
rollout: { toolset: swe-agent, maxCalls: 115, commandSeconds: 300, contextTokens: 32768 }
verify: { threshold: 0.5 }            # 1 = hard, 0 = none
budget: { usd: 1300 }
dataset: { formats: [hermes], maxPatchLines: 40, meanObservationTokens: 600, minKeptRatio: 0.88 }
train: { base: Qwen/Qwen3-32B, method: lora }        # optional
serve: { isolation: shared }                          # optional
`,
      "serac.yaml",
    );
    expect(config).toMatchObject({
      name: "my-service",
      repo: { include: ["src"] },
      teacher: { model: "GLM-4.5-Air", timeoutSeconds: 600 },
      rollout: { attempts: 3, sandbox: "auto" },
      budget: { usd: 1300 },
    });
  });

  test("may begin with a byte order mark, use CRLF, anchors and comments", () => {
    const text = "\uFEFF# mine\r\nplan: &p\r\n  samples: 5\r\nverify: {threshold: 1}\r\n";
    for (const content of [text, Buffer.from(text)])
      expect(loadConfig(content, "f")).toMatchObject({ plan: { samples: 5 }, verify: { threshold: 1 } });
    expect(loadConfig("repo: {include: &x [src], exclude: *x}", "f").repo).toMatchObject({ include: ["src"], exclude: ["src"] });
  });

  test("a key with nothing after it counts as not given", () => {
    expect(loadConfig("plan:\nrollout:\n  maxCalls:\nverify: {threshold: 0.25}\n", "f")).toMatchObject({
      plan: { samples: 8000 },
      rollout: { maxCalls: 115 },
      verify: { threshold: 0.25 },
    });
  });
});

describe("layers", () => {
  const file = yamlLayer("plan: {samples: 10, seed: 3}\nrepo: {include: [a, b]}\n", "serac.yaml");

  test("flags win key by key; lists are replaced whole", () => {
    const config = resolveConfig([file, flagLayer({ plan: { samples: 4 }, repo: { include: ["c"] }, budget: {} })]);
    expect(config.plan).toMatchObject({ samples: 4, seed: 3 });
    expect(config.repo.include).toEqual(["c"]);
  });

  test("no layer at all is the defaults", () => {
    expect(resolveConfig([])).toMatchObject({ plan: { samples: 8000, perFunction: 1 }, rollout: { contextTokens: 32_768 } });
    expect(resolveConfig([]).teacher).toBeUndefined();
  });

  test("a mistake is put down to the layer that made it", () => {
    const flags = flagLayer({ plan: { samples: 0 }, verify: { threshold: "x" } }, { "plan.samples": "--samples" });
    const error = refusal(() => resolveConfig([yamlLayer("plan: {samples: 10}\nbudget: {usd: -1}", "serac.yaml"), flags]));
    expect(error.message.split("\n")).toEqual([
      "The configuration has 3 mistakes:",
      "  --samples: plan.samples: found 0; allowed: a whole number from 1 to 10000000.",
      '  the command line: verify.threshold: found "x"; allowed: a number from 0 to 1.',
      "  serac.yaml:2:10: budget.usd: found -1; allowed: a number, 0 or more.",
    ]);
  });

  test("undefined flags do not undo the file", () => {
    expect(resolveConfig([file, flagLayer({ plan: { samples: undefined }, repo: undefined })]).plan.samples).toBe(10);
  });
});

describe("a mistake names place, key, what was found and what is allowed", () => {
  test.each([
    ["plan:\n  samples: many", 'serac.yaml:2:3: plan.samples: found "many"; allowed: a whole number from 1 to 10000000.'],
    ["plan: {samples: 1.5}", "serac.yaml:1:8: plan.samples: found 1.5; allowed: a whole number from 1 to 10000000."],
    ["verify: {threshold: 50}", "serac.yaml:1:10: verify.threshold: found 50; allowed: a number from 0 to 1."],
    ["verify: {threshold: .nan}", "serac.yaml:1:10: verify.threshold: found NaN; allowed: a number from 0 to 1."],
    ["environment: {timeoutMinutes: 0}", "serac.yaml:1:15: environment.timeoutMinutes: found 0; allowed: a number over 0 and up to 1440."],
    [
      "survey: {languages: [pyhton]}",
      `serac.yaml:1:22: survey.languages.0: found "pyhton"; allowed: one of ${SURVEYED_LANGUAGES.join(", ")}.`,
    ],
    ["rollout: {toolset: bash}", 'serac.yaml:1:11: rollout.toolset: found "bash"; allowed: one of swe-agent, mini.'],
    [
      "dataset:\n  formats:\n    - hermes\n    - json",
      'serac.yaml:4:7: dataset.formats.1: found "json"; allowed: one of hermes, xml, openai, raw.',
    ],
    [
      "dataset: {formats: hermes}",
      'serac.yaml:1:11: dataset.formats: found "hermes"; allowed: a list that is not empty, each item one of hermes, xml, openai, raw.',
    ],
    ["dataset: {includeUnsubmitted: yes}", 'serac.yaml:1:11: dataset.includeUnsubmitted: found "yes"; allowed: true or false.'],
    ["repo: /src", 'serac.yaml:1:1: repo: found "/src"; allowed: a mapping with the keys source, commit, include, exclude.'],
    ["repo: [a]", "serac.yaml:1:1: repo: found a list; allowed: a mapping with the keys source, commit, include, exclude."],
    ["budget: {usd: {max: 3}}", "serac.yaml:1:10: budget.usd: found a mapping; allowed: a number, 0 or more."],
    ['repo: {source: ""}', 'serac.yaml:1:8: repo.source: found ""; allowed: text that is not empty.'],
    ["teacher:\n  baseUrl: http://x/v1", "serac.yaml:1:1: teacher.model is missing; allowed: text that is not empty."],
    [
      "teacher: {model: m, baseUrl: gpu:8000/v1}",
      'serac.yaml:1:21: teacher.baseUrl: found a value that is none (not shown here); allowed: an http or https address, such as "http://gpu:8000/v1".',
    ],
    [
      "plan: {kinds: {My Kind: x}}",
      'serac.yaml:1:16: plan.kinds: the id "My Kind" is not allowed; allowed: ids (lower case letters, digits and -) and their descriptions.',
    ],
    ["plan: {kindWeights: {general: -1}}", "serac.yaml:1:22: plan.kindWeights.general: found -1; allowed: a number, 0 or more."],
    [
      "name: my service",
      'serac.yaml:1:1: name: found "my service"; allowed: up to 63 letters, digits, dots, - and _, beginning with a letter or a digit.',
    ],
  ])("%s", (yaml, message) => {
    expect(messageOf(yaml)).toBe(message);
  });

  test("all mistakes come at once, up to twenty", () => {
    const many = Array.from({ length: 30 }, (_, index) => `zzzzzzzzzz${index}: 1`).join("\n");
    const lines = messageOf(many).split("\n");
    expect(lines[0]).toBe("The configuration has 30 mistakes:");
    expect(lines).toHaveLength(22);
    expect(lines.at(-1)).toBe("  … and 10 more");
  });

  test("a key pasted in where its variable's name belongs is not shown, nor are credentials in an address", () => {
    expect(messageOf("teacher: {model: m, baseUrl: http://x, apiKeyEnv: sk-very-secret}")).not.toContain("secret");
    const inAddress = messageOf("teacher: {model: m, baseUrl: 'http://me:secret@x/v1'}");
    expect(inAddress).toMatch(/teacher\.baseUrl: found a user name or password/);
    expect(inAddress).not.toContain("secret");
    expect(messageOf("teacher: {model: m, baseUrl: http://x, apiKey: sk-very-secret}")).toBe(
      "serac.yaml:1:40: teacher.apiKey is no known key; did you mean teacher.apiKeyEnv?",
    );
  });
});

describe("unknown keys are told the nearest one", () => {
  test.each([
    ["plan: {smaples: 3}", "plan.smaples is no known key; did you mean plan.samples?"],
    ["maxCalls: 3", "maxCalls is no known key; did you mean rollout.maxCalls?"],
    ["rollout: {max_calls: 3}", "rollout.max_calls is no known key; did you mean rollout.maxCalls?"],
    ["Teacher: {}", "Teacher is no known key; did you mean teacher?"],
    ["rollout: {threshold: 1}", "rollout.threshold is no known key; did you mean verify.threshold?"],
    ["budgetUsd: 3", "budgetUsd is no known key; did you mean budget.usd?"],
    [
      "teacher: {model: m, baseUrl: http://x, price: {cached_input: 1}}",
      "teacher.price.cached_input is no known key; did you mean teacher.price.cachedInput?",
    ],
    ["verify: {zebra: 1}", "verify.zebra is no known key; known here: threshold."],
    ["__proto__: {x: 1}", "__proto__ is no known key"],
    ["repo: {constructor: 1}", "repo.constructor is no known key"],
  ])("%s", (yaml, message) => {
    expect(messageOf(yaml)).toContain(message);
    expect(messageOf(yaml)).toMatch(/^serac\.yaml:1:\d+: /);
  });
});

describe("settings that exclude each other", () => {
  test.each([
    ["plan: {kindWeights: {namign: 2}}", 'serac.yaml:1:22: plan.kindWeights: "namign" is no bug kind; did you mean naming?'],
    ["plan: {perFunction: 2, kinds: {own: x}, kindWeights: {KINDS}}", /^serac\.yaml:1:8: plan\.perFunction: found 2; allowed: up to 1/],
    ["plan: {kindWeights: {KINDS}}", "serac.yaml:1:8: plan.kindWeights: every bug kind has weight 0; at least one must have more."],
    [
      "rollout: {commandSeconds: 10, totalCommandSeconds: 5}",
      /^serac\.yaml:1:11: rollout\.commandSeconds: found 10; allowed: up to .* which is 5\.$/,
    ],
    [
      "rollout: {contextTokens: 2000}\nteacher: {model: m, baseUrl: http://x, maxOutputTokens: 2000}",
      /^serac\.yaml:2:40: teacher\.maxOutputTokens: found 2000; allowed: less than/,
    ],
    ["rollout: {contextTokens: 100}", /^serac\.yaml:1:11: rollout\.contextTokens: found 100; allowed: a whole number, 1024 or more\.$/],
    ["environment: {mounts: [opt/go]}", /^serac\.yaml:1:24: environment\.mounts\.0: found "opt\/go"/],
    ["environment: {mounts: [/opt, /]}", /^serac\.yaml:1:30: environment\.mounts\.1: found "\/"/],
    ["environment: {mounts: [/opt/../root]}", /environment\.mounts\.0/],
  ])("%s", (yaml, message) => {
    const filled = yaml.replace("KINDS", KIND_IDS.map((id) => `${id}: 0`).join(", "));
    expect(messageOf(filled)).toMatch(message);
  });

  test("weights for kinds of one's own are fine", () => {
    expect(loadConfig("plan: {kinds: {own: x}, kindWeights: {own: 3}}", "f").plan.kindWeights).toEqual({ own: 3 });
  });
});

describe("what is no serac.yaml", () => {
  const bomb = `a: &a [x]\n${Array.from("bcdefghi", (name, index) => `${name}: &${name} [${`*${"abcdefgh"[index]},`.repeat(9)}]`).join("\n")}\n`;
  test.each<[string, string | Uint8Array, RegExp]>([
    ["nothing", "", /^serac\.yaml is empty; allowed is a mapping/],
    ["comments only", "# nothing yet\n", /is empty/],
    ["a list", "- a\n- b\n", /holds a list; allowed is a mapping/],
    ["a word", "hello", /holds a single value/],
    ["a key twice", "plan: {seed: 1}\nplan: {seed: 2}\n", /^serac\.yaml:2:1: not valid YAML: Map keys must be unique/],
    [
      "a key twice further down",
      "plan: {seed: 1}\nrepo:\n  - {a: 1, b: 2, a: 3}\n",
      /^serac\.yaml:3:18: not valid YAML: Map keys must be unique/,
    ],
    ["a tab for indentation", "plan:\n\tseed: 1\n", /^serac\.yaml:2:1: not valid YAML: .*[Tt]ab/],
    ["a bracket left open", "plan: {seed: 1\nverify: x", /^serac\.yaml:\d+:\d+: not valid YAML/],
    ["two documents", "plan: {}\n---\nplan: {}\n", /^serac\.yaml:\d+:\d+: not valid YAML: .*multiple documents/],
    ["an unknown alias", "plan: *nowhere\n", /not valid YAML|cannot be used/],
    ["a bomb of aliases", bomb, /cannot be used: .*alias/],
    ["brackets without end", `repo: ${"[".repeat(20_000)}${"]".repeat(20_000)}`, /cannot be used: it is nested too deeply/],
    ["a huge file", `# ${"x".repeat(1 << 20)}`, /larger than 1 MB/],
    ["huge bytes", new Uint8Array((1 << 20) + 1), /larger than 1 MB/],
    ["bytes that are not UTF-8", Uint8Array.of(0x61, 0xff, 0x62), /is not UTF-8 text\.$/],
    ["UTF-16", Buffer.from("\uFEFFplan: {}", "utf16le"), /is not UTF-8 text but UTF-16/],
    ["an image", Buffer.from("89504e470d0a1a0a0000000d", "hex"), /is not UTF-8/],
  ])("%s", (_what, content, message) => {
    expect(messageOf(content)).toMatch(message);
  });

  test("more unknown keys than could each be compared with every other one", () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `key${at}: 1`);
    expect(messageOf(keys.join("\n"))).toMatch(/^The configuration has 20000 mistakes:\n.*key0 is no known key; known here: name,/);
  });

  test("an alias that holds itself", () => {
    expect(messageOf("repo: &r {include: [*r]}")).toMatch(/serac\.yaml.*(repo\.include\.0|cannot be used)/s);
  });
});
