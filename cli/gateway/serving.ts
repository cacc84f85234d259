import { InputError } from "../../core/errors/index.ts";
import type { ServedModel } from "../../core/gateway/served-model.ts";
import type { UpstreamTarget } from "../../core/gateway/upstream/upstream.ts";
import { counted } from "../format/count.ts";
import type { Io } from "../io.ts";
import type { ModelWish } from "./choose-model.ts";
import { numberOf, secretOf, TOKENS, wholeOf } from "./flag-values.ts";
import type { ServingFlags } from "./flags.ts";
import type { ListedModel } from "./list-models.ts";
import { rootOf } from "./server-address.ts";

/** Flags, read and checked. */
export interface Serving {
  readonly target: UpstreamTarget;
  readonly wish: ModelWish;
  readonly price: Price;
  /** The served model, given what the server says of it. InputError when flags and server contradict each other. */
  readonly modelOf: (listed: ListedModel) => ServedModel;
}

/** USD per 1M tokens; `isGiven` is false when all are 0 because nobody named any. */
export interface Price {
  readonly input: number;
  readonly cachedInput: number;
  readonly output: number;
  readonly isGiven: boolean;
}

export function servingOf(flags: ServingFlags, io: Io): Serving {
  if (flags.upstream === undefined) {
    throw new InputError("usage", "--upstream is missing: the address of the model server.", {
      hint: "For example --upstream http://127.0.0.1:8000; `serac rehearse` starts a scripted stand-in at http://127.0.0.1:8399.",
    });
  }
  const contextTokens = wholeOf("--context-tokens", flags.contextTokens, { ...TOKENS, from: 1024 });
  const maxOutputTokens = wholeOf("--max-output-tokens", flags.maxOutputTokens, TOKENS);
  const sampling = {
    temperature: numberOf("--temperature", flags.temperature, { from: 0, to: 2 }),
    topP: numberOf("--top-p", flags.topP, { from: 0, to: 1 }),
    topK: wholeOf("--top-k", flags.topK, { from: 0, to: 1_000_000 }),
  };
  return {
    target: { rootUrl: rootOf("--upstream", flags.upstream), apiKey: secretOf("--upstream-key-env", flags.upstreamKeyEnv, io) },
    wish: { name: flags.model ?? null, isUnlistedFine: flags.unlisted === true },
    price: priceOf(flags),
    modelOf: (listed) => ({
      name: flags.servedName ?? listed.id,
      upstreamName: listed.id,
      profile: flags.profile,
      contextTokens: windowOf(contextTokens, listed),
      maxOutputTokens,
      sampling,
      canSeeImages: flags.vision === true,
      thinking: flags.thinking,
      // Models that were not trained by serac have never seen an escape.
      escapesReserved: flags.escape && flags.profile === "swe-agent",
      readsCallsInText: true,
    }),
  };
}

function windowOf(wanted: number | null, { id, contextTokens }: ListedModel): number | null {
  if (wanted === null || contextTokens === null || wanted <= contextTokens) return wanted ?? contextTokens;
  throw new InputError("usage", `--context-tokens: ${wanted} is more than the window of ${id}, ${counted(contextTokens, "token")}.`, {
    hint: "Leave it out to take the server's, or start the server with a larger window (vLLM: --max-model-len).",
  });
}

function priceOf(flags: ServingFlags): Price {
  const usd = { from: 0, to: 1_000_000 };
  const input = numberOf("--input-price", flags.inputPrice, usd);
  const cachedInput = numberOf("--cached-price", flags.cachedPrice, usd);
  const output = numberOf("--output-price", flags.outputPrice, usd);
  return {
    input: input ?? 0,
    cachedInput: cachedInput ?? input ?? 0,
    output: output ?? 0,
    isGiven: input !== null || cachedInput !== null || output !== null,
  };
}
