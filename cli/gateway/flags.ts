import { type Command, Option } from "commander";
import { PROFILES } from "../../core/gateway/profiles/names.ts";
import type { ProfileName, ServedModel } from "../../core/gateway/served-model.ts";

/** What says which model is served and how: the same flags for `gateway` and `connect`. */
export interface ServingFlags {
  readonly upstream?: string;
  readonly upstreamKeyEnv?: string;
  readonly model?: string;
  readonly unlisted?: true;
  readonly profile: ProfileName;
  readonly servedName?: string;
  readonly contextTokens?: string;
  readonly maxOutputTokens?: string;
  readonly temperature?: string;
  readonly topP?: string;
  readonly topK?: string;
  readonly thinking: ServedModel["thinking"];
  readonly vision?: true;
  readonly escape: boolean;
  readonly requireUpstream?: true;
  readonly capture?: string;
  readonly inputPrice?: string;
  readonly cachedPrice?: string;
  readonly outputPrice?: string;
}

const THINKING: readonly ServedModel["thinking"][] = ["leading-tag", "template-opened", "none"];

export function addServingFlags(command: Command): Command {
  return command
    .option("--upstream <url>", "the model server, such as http://gpu:8000 (vLLM); /v1 at the end does no harm")
    .option("--upstream-key-env <name>", "environment variable that holds the key for the model server")
    .option("--model <name>", "the model's name there; not needed where there is only one")
    .option("--unlisted", "take a model that the server does not list: an adapter that it loads on first use")
    .addOption(new Option("--profile <name>", "how the model wants to be spoken to").choices(PROFILES).default("swe-agent"))
    .option("--served-name <name>", "what clients call it (default: its name at the server)")
    .option("--context-tokens <n>", "its window (default: what the server says)")
    .option("--max-output-tokens <n>", "the most that one answer may take")
    .option("--temperature <t>", "where the client gives none")
    .option("--top-p <p>", "where the client gives none")
    .option("--top-k <k>", "where the client gives none")
    .addOption(new Option("--thinking <place>", "how thoughts stand in the content").choices(THINKING).default("leading-tag"))
    .option("--vision", "the model can see images")
    .option("--no-escape", "swe-agent: the model was trained on texts whose reserved literals were not escaped")
    .option("--require-upstream", "end when the model server does not answer at the start, instead of waiting for it")
    .option("--capture <dir>", "write requests and answers, with all their content, into this folder")
    .option("--input-price <usd>", "per 1M tokens of prompt, for the cost at the end")
    .option("--cached-price <usd>", "per 1M tokens of prompt that were in the cache (default: as the others)")
    .option("--output-price <usd>", "per 1M tokens of answer");
}
