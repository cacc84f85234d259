import { InputError } from "../../core/errors/index.ts";
import { chooseModel } from "../gateway/choose-model.ts";
import { secretOf, TOKENS, wholeOf } from "../gateway/flag-values.ts";
import { listModels } from "../gateway/list-models.ts";
import { rootOf } from "../gateway/server-address.ts";
import type { Io } from "../io.ts";
import { openUpstream } from "../platform/gateway.ts";
import type { Connection } from "./environment.ts";
import type { ConnectFlags } from "./flags.ts";

/** A gateway that is there already, asked whether it is. InputError: upstream_auth, upstream_model_unknown, upstream_rejected, upstream_unreachable. */
export async function reachEndpoint(endpoint: string, flags: ConnectFlags, io: Io): Promise<Omit<Connection, "version">> {
  const baseUrl = rootOf("--endpoint", endpoint);
  const key = secretOf("--key-env", flags.keyEnv, io);
  const given = wholeOf("--context-tokens", flags.contextTokens, { ...TOKENS, from: 1024 });
  const maxOutputTokens = wholeOf("--max-output-tokens", flags.maxOutputTokens, TOKENS);
  const upstream = await openUpstream();
  try {
    const found = await listModels(upstream, { rootUrl: baseUrl, apiKey: key });
    if (found.kind === "silent") {
      throw new InputError("upstream_unreachable", `${baseUrl} does not answer: ${found.why}`, {
        hint: "Is the gateway running, and is this its address?",
      });
    }
    const { id, contextTokens } = chooseModel(
      found.models,
      { name: flags.model ?? null, isUnlistedFine: flags.unlisted === true },
      baseUrl,
    );
    // Without a key anything will do; the client sends none of its own then.
    return { baseUrl, key: key ?? "none", model: id, contextTokens: given ?? contextTokens, maxOutputTokens };
  } finally {
    await upstream.close();
  }
}
