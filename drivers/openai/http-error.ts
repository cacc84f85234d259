import type { ErrorCode } from "../../core/errors/index.ts";
import { TeacherError } from "../../core/errors/index.ts";
import { isFields } from "./fields.ts";
import { saysContextOverflow } from "../../core/agent/context-overflow.ts";
import { quoteServer } from "./redact.ts";
import { retryAfterMs } from "./retry-after.ts";

export interface ErrorReply {
  readonly status: number;
  readonly headers: Headers;
  /** The start of the body, of whatever shape. */
  readonly body: string;
}

interface Verdict {
  readonly code: ErrorCode;
  readonly hint?: string;
}

/** What an error reply of the teacher means. `url` and `key` serve the message: the one is named, the other never shown. */
export function errorOfReply(reply: ErrorReply, url: string, key: string | undefined): TeacherError {
  const { code, hint } = verdictOn(reply);
  const said = quoteServer(messageIn(reply.body), key);
  const after = retryAfterMs(reply.headers, Date.now());
  return new TeacherError(code, `The teacher at ${url} answered ${reply.status}${said === "" ? "." : `: ${said}`}`, {
    status: reply.status,
    ...(hint === undefined ? {} : { hint }),
    ...(after === undefined ? {} : { retryAfterMs: after }),
  });
}

function verdictOn({ status, headers, body }: ErrorReply): Verdict {
  if (status >= 300 && status < 400) {
    return {
      code: "teacher_rejected",
      hint: `It redirects to ${headers.get("location") ?? "nowhere"}: set teacher.baseUrl to the final address.`,
    };
  }
  if (status === 401 || status === 403)
    return { code: "teacher_auth", hint: "Check the key in the variable that teacher.apiKeyEnv names." };
  // DeepSeek and OpenRouter answer 402, OpenAI 429 insufficient_quota, when the account is empty: waiting does not help.
  if (status === 402 || (status === 429 && /insufficient_quota/.test(body))) {
    return { code: "teacher_auth", hint: "The account behind the key has no credit left." };
  }
  if (status === 429) return { code: "teacher_rate_limit" };
  if (status === 408) return { code: "teacher_timeout" };
  if (status === 413 || saysContextOverflow(body)) return { code: "teacher_context_overflow" };
  if (status >= 500) return { code: "teacher_server" };
  if (
    (status === 404 || status === 400) &&
    /model_not_found|invalid model|model\b.{0,200}?\b(not exist|not found|unknown)|(unknown|no such) model/is.test(body)
  ) {
    return { code: "teacher_model_unknown", hint: "Check teacher.model against the server's list of models." };
  }
  if (status === 404 || status === 405) {
    return { code: "teacher_rejected", hint: "Is teacher.baseUrl right? For most servers it ends in /v1." };
  }
  if (/enable-auto-tool-choice|tool-call-parser/.test(body)) {
    return { code: "teacher_rejected", hint: "Start vLLM with --enable-auto-tool-choice and the --tool-call-parser of the model." };
  }
  return { code: "teacher_rejected" };
}

/** The sentence for a person in the shapes that OpenAI, vLLM, SGLang, FastAPI and plain proxies use. */
function messageIn(body: string): string {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return body.replace(/<[^>]*>/g, " ");
  }
  return sentence(json) ?? body;
}

function sentence(json: unknown): string | undefined {
  if (typeof json === "string") return json;
  if (Array.isArray(json)) return sentence(json[0]);
  if (!isFields(json)) return undefined;
  return sentence(json["error"] ?? json["message"] ?? json["detail"] ?? json["msg"]);
}
