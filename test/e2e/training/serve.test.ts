import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import * as z from "zod";
import { serveCommand } from "../../../core/training/serve-command.ts";
import { chatClient, chatMessage, messagesClient, saidIn, type Client, type Said } from "../../images/serve/clients.ts";
import { startRecorder, type ChatRequestBody } from "../../images/serve/recorder.ts";
import { replayRollouts } from "../../images/serve/rollouts.ts";
import { trainedSamples, type Sample } from "../../images/serve/samples.ts";
import { ADAPTER_RANK, trainTaggedAdapter } from "../../images/serve/tagged-adapter.ts";
import { startVllm, type VllmServer } from "../../images/serve/vllm.ts";
import { trainedTinyModel, type TrainedTinyModel } from "../../images/trained-tiny-model.ts";
import { startGateway, type TestGateway } from "../../upstream/gateway.ts";
import { scratch } from "../serac.ts";

/** What was trained on was shorter; the server leaves room for a reply more. */
const TRAINED_TOKENS = 1024;
const CONTEXT_TOKENS = 4096;
const ADAPTER = "tagged";

let folder: Awaited<ReturnType<typeof scratch>>;
let trained: TrainedTinyModel;
let server: VllmServer;
/** What the model was trained on, and what the adapter on top of it was. */
let samples: readonly Sample[];
let tagged: readonly Sample[];
/** Those of `samples` that the model repeats without a fault. */
let known: Sample[];

/** One real vLLM, with the model that knows a run's trajectories as the base, and an adapter beside it. */
beforeAll(async () => {
  trained = await trainedTinyModel();
  folder = await scratch();
  const root = join(folder.path, "tagged");
  await trainTaggedAdapter(trained.weights, root);
  const config = { base: trained.weights, method: "lora", loraRank: ADAPTER_RANK, contextTokens: CONTEXT_TOKENS } as const;
  const template = join(root, "model/chat_template.jinja");
  const source = { base: trained.weights, template, contextTokens: TRAINED_TOKENS };
  [server, samples, tagged] = await Promise.all([
    startVllm(serveCommand({ name: ADAPTER, folder: join(root, "model"), config })),
    trainedSamples({ ...source, data: join(trained.root, "data") }),
    trainedSamples({ ...source, data: join(root, "data") }),
  ]);
  known = [];
  for (const sample of samples) if (await isKnownByHeart(trained.weights, sample)) known.push(sample);
}, 600_000);

afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  await folder?.[Symbol.asyncDispose]();
});

async function asked(path: string, body: object): Promise<unknown> {
  const response = await fetch(server.url + path, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return response.json();
}

/** What the server makes of a request: the ids that the model would read. */
async function tokenized(model: string, { messages, tools }: ChatRequestBody): Promise<readonly number[]> {
  const answer = await asked("/tokenize", { model, messages, ...(tools === undefined ? {} : { tools }) });
  return z.object({ tokens: z.array(z.number()) }).parse(answer).tokens;
}

const scored = z.object({
  choices: z.tuple([z.object({ prompt_logprobs: z.array(z.record(z.string(), z.object({ logprob: z.number() })).nullable()) })]),
});

/**
 * Whether each trained token is by far the likeliest one behind those before it, as the server counts. One of many thousands may not be:
 * trajectories share their beginnings, and where they part the model has one choice only.
 */
async function isKnownByHeart(model: string, { ids, replies }: Sample): Promise<boolean> {
  const request = { model, prompt: ids, max_tokens: 1, temperature: 0, prompt_logprobs: 1 };
  const [{ prompt_logprobs: likely }] = scored.parse(await asked("/v1/completions", request)).choices;
  const logprobs = replies.flatMap(([start, end]) => ids.slice(start, end).map((id, at) => likely[start + at]![String(id)]!.logprob));
  return logprobs.every((logprob) => logprob > Math.log(0.55));
}

const gatewayFor = (upstreamUrl: string, name: string): Promise<TestGateway> =>
  startGateway({ upstreamUrl, model: { name, upstreamName: name, profile: "native" } });

type Connect = (gateway: TestGateway, model: string, sample: Sample, stream: boolean) => Client;

interface Heard {
  readonly said: readonly Said[];
  /** What the gateway asked the server: before each reply, and once more behind the end. */
  readonly bodies: readonly ChatRequestBody[];
}

/** A trajectory anew: the words come from the server and go back to it as they came, the results of calls are those of the training. */
async function conversation(model: string, sample: Sample, connect: Connect, stream: boolean): Promise<Heard> {
  await using recorder = await startRecorder(server.url);
  await using gateway = await gatewayFor(recorder.url, model);
  const client = connect(gateway, model, sample, stream);
  const said: Said[] = [];
  let rest = sample.messages.filter(({ role }) => role === "assistant" || role === "tool");
  for (const _ of sample.replies) {
    const reply = await client.ask(1000);
    said.push(reply);
    const results = rest.slice(1, 1 + reply.calls.length).map(({ role, content }) => (role === "tool" ? content : ""));
    rest = rest.slice(1 + reply.calls.length);
    client.answer(reply.calls.map((_call, at) => results[at] ?? "There is no more."));
  }
  await client.ask(1);
  expect(gateway.defects).toEqual([]);
  return { said, bodies: recorder.bodies };
}

/** Each reply is the one that was trained, and the server has read and written the very tokens of the training. */
async function expectTrained(model: string, all: readonly Sample[], connect: Connect, stream: boolean): Promise<void> {
  const heard = await Promise.all(all.map((sample) => conversation(model, sample, connect, stream)));
  for (const [at, { ids, replies, messages, where }] of all.entries()) {
    const { said, bodies } = heard[at]!;
    const expected = messages.filter(({ role }) => role === "assistant").slice(0, replies.length);
    expect(said, where).toEqual(expected.map(saidIn));
    expect(bodies.every((body) => (body.stream ?? false) === stream)).toBe(true);
    const prompts = await Promise.all(bodies.map((body) => tokenized(model, body)));
    expect(prompts.slice(0, -1), where).toEqual(replies.map(([start]) => ids.slice(0, start)));
    // Behind the last reply the client went on, so that the whole row is the beginning of what the server would read next.
    expect(prompts.at(-1)!.slice(0, ids.length), where).toEqual(ids);
  }
}

test("before each reply of each trajectory the server reads the ids that the trainer trained behind", async () => {
  expect(samples).toHaveLength(16);
  await Promise.all(
    samples.map(async ({ where, messages, tools, ids, replies }) => {
      await using recorder = await startRecorder(server.url);
      await using gateway = await gatewayFor(recorder.url, trained.weights);
      const places = [...messages.entries()].filter(([, { role }]) => role === "assistant").slice(0, replies.length);
      for (const [at] of places) {
        const history = messages.slice(0, at).map(chatMessage);
        const answer = await gateway.post("/v1/chat/completions", { model: trained.weights, messages: history, tools, max_tokens: 1 });
        expect(answer.status, await answer.text()).toBe(200);
      }
      const prompts = await Promise.all(recorder.bodies.map((body) => tokenized(trained.weights, body)));
      expect(prompts, where).toEqual(replies.map(([start]) => ids.slice(0, start)));
    }),
  );
});

const CLIENTS: readonly (readonly [string, Connect])[] = [
  ["/v1/chat/completions", (gateway, model, sample, stream) => chatClient(gateway.openai(), model, sample, stream)],
  ["/v1/messages", (gateway, model, sample, stream) => messagesClient(gateway.anthropic(), model, sample, stream)],
];
const WAYS = CLIENTS.flatMap(([path, connect]) => [
  { name: `${path}, in one piece`, connect, stream: false },
  { name: `${path}, as a stream`, connect, stream: true },
]);

describe.each(WAYS)("through the gateway's $name", ({ connect, stream }) => {
  test("every reply and call that was learned by heart comes back, token by token", async () => {
    expect(known.length).toBeGreaterThanOrEqual(samples.length * 0.75);
    await expectTrained(trained.weights, known, connect, stream);
  });

  test("an adapter is served beside its base, and tags in data are data on the way in and out", async () => {
    await expectTrained(ADAPTER, tagged, connect, stream);
  });
});

test("the harness, with the trained model as its teacher behind the gateway, makes the trajectories once more", async () => {
  await using gateway = await gatewayFor(server.url, trained.weights);
  for (const { sample, trajectory } of await replayRollouts(known, { url: `${gateway.url}/v1`, model: trained.weights })) {
    const steps = trajectory.steps.map(({ reply, observations }) => ({
      said: {
        thinking: reply.reasoning,
        text: reply.content.trim(),
        calls: reply.toolCalls.map(({ name, arguments: input }) => ({ name, input: JSON.parse(input) })),
      },
      heard: observations.map(({ content }) => content),
    }));
    expect(steps, sample.where).toEqual(stepsOf(sample));
  }
});

function stepsOf({ messages, replies }: Sample): unknown {
  const steps: { said: Said; heard: string[] }[] = [];
  for (const message of messages) {
    if (message.role === "assistant") steps.push({ said: saidIn(message), heard: [] });
    else if (message.role === "tool") steps.at(-1)?.heard.push(message.content);
  }
  return steps.slice(0, replies.length);
}
