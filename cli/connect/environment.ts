import { clientModelOf } from "./client-model.ts";
import { clientWindows } from "./client-windows.ts";

export interface Connection {
  /** Of the gateway, without `/v1`. */
  readonly baseUrl: string;
  readonly key: string;
  readonly model: string;
  /** Tokens; null while nobody knows the window. */
  readonly contextTokens: number | null;
  readonly maxOutputTokens: number | null;
  /** Major and minor; null when the client did not say. */
  readonly version: readonly [number, number] | null;
}

/** Ways to other models, keys that are not for the gateway, and the mark of a session that this one would be nested in. */
const FOREIGN =
  /^(ANTHROPIC_|CLAUDE_CODE_USE_|CLAUDE_CODE_OAUTH_|CLAUDE_CODE_SKIP_\w+_AUTH$|CLAUDE_CODE_SUBAGENT_MODEL|CLAUDECODE$|CLAUDE_CODE_ENTRYPOINT$)/;

/** Such as a settings file sets too: there they are emptied, since a settings file wins over the environment. */
const EMPTIED = [
  "ANTHROPIC_API_KEY",
  "ANTHROPIC_CUSTOM_HEADERS",
  "ANTHROPIC_UNIX_SOCKET",
  "CLAUDE_CODE_OAUTH_TOKEN",
  "CLAUDE_CODE_USE_ANTHROPIC_AWS",
  "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD",
  "CLAUDE_CODE_USE_BEDROCK",
  "CLAUDE_CODE_USE_FOUNDRY",
  "CLAUDE_CODE_USE_MANTLE",
  "CLAUDE_CODE_USE_VERTEX",
] as const;

/** What a session on the gateway needs, whatever was set before. */
function required(connection: Connection): Readonly<Record<string, string>> {
  const model = clientModelOf(connection.model);
  const { contextTokens, maxOutputTokens, version } = connection;
  return {
    ANTHROPIC_BASE_URL: connection.baseUrl,
    ANTHROPIC_AUTH_TOKEN: connection.key,
    ANTHROPIC_MODEL: model,
    // Titles, summaries, subagents: without these they go out under names of other models.
    ANTHROPIC_SMALL_FAST_MODEL: model,
    ANTHROPIC_DEFAULT_HAIKU_MODEL: model,
    ANTHROPIC_DEFAULT_SONNET_MODEL: model,
    ANTHROPIC_DEFAULT_OPUS_MODEL: model,
    ANTHROPIC_DEFAULT_FABLE_MODEL: model,
    CLAUDE_CODE_SUBAGENT_MODEL: model,
    // A billing line that changes with every request would stand first in the prompt, and no prefix would ever be found in the cache.
    CLAUDE_CODE_ATTRIBUTION_HEADER: "0",
    // After ten refusals, three minutes, the client gives up. With these it goes on for half an hour where the answer is 529: a server
    // that starts. Without the scope it would also ask a gateway that is gone 300 times (2.1.329, each seen).
    CLAUDE_CODE_RETRY_WATCHDOG: "1",
    CLAUDE_CODE_RETRY_WATCHDOG_SCOPE: "capacity",
    CLAUDE_CODE_RETRY_WATCHDOG_MAX_WAIT_MS: "1800000",
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: "1",
    DISABLE_TELEMETRY: "1",
    DISABLE_ERROR_REPORTING: "1",
    ...(contextTokens === null ? {} : clientWindows(contextTokens, maxOutputTokens, version).env),
  };
}

/** The environment of Claude Code: the person's own, less what leads elsewhere, and what the gateway needs. */
export function clientEnvironment(own: NodeJS.ProcessEnv, connection: Connection): NodeJS.ProcessEnv {
  const kept = Object.fromEntries(Object.entries(own).filter(([name]) => !FOREIGN.test(name)));
  const noProxy = withoutProxy(own["no_proxy"] ?? own["NO_PROXY"] ?? "", new URL(connection.baseUrl).hostname);
  return {
    // Until the status line of an answer; a slow prompt on a busy server may take long.
    API_TIMEOUT_MS: "3600000",
    ...kept,
    ...required(connection),
    // With a proxy set, the client sends even loopback addresses there (2.1.329).
    ...(noProxy === null ? {} : { NO_PROXY: noProxy, no_proxy: noProxy }),
  };
}

/**
 * Settings for `--settings`: environment variables in a settings file win over the process's own (all three generations), so that a
 * person's, or a repository's, `.claude/settings.json` could lead the session to another server. These win over both. An empty
 * `apiKeyHelper` takes a helper away that would send a key of its own.
 */
export function clientSettings(connection: Connection): object {
  return { apiKeyHelper: "", env: { ...Object.fromEntries(EMPTIED.map((name) => [name, ""])), ...required(connection) } };
}

/** Null for a gateway elsewhere: a proxy may be the only way there. */
function withoutProxy(noProxy: string, host: string): string | null {
  if (host !== "127.0.0.1" && host !== "localhost" && host !== "[::1]") return null;
  const listed = noProxy.split(",").map((entry) => entry.trim());
  return [...new Set([...listed.filter((entry) => entry !== ""), "127.0.0.1", "localhost", "::1"])].join(",");
}
