import type OpenAI from "openai";
import type { TeacherProbe, TeacherReply, TeacherRequest } from "../../core/agent/teacher.ts";
import { REHEARSAL_MARK } from "../../core/agent/teacher.ts";
import type { TeacherError } from "../../core/errors/index.ts";
import { InputError, TeacherError as TeacherFailure } from "../../core/errors/index.ts";
import type { Fields } from "./fields.ts";
import { fieldsOf, isFields, listOf, textOf } from "./fields.ts";
import { errorOfLine } from "./line-error.ts";

export interface ProbeDeps {
  readonly client: OpenAI;
  readonly model: string;
  readonly url: string;
  readonly temperature: number;
  readonly ask: (request: TeacherRequest) => Promise<TeacherReply>;
}

/** A tool that nothing calls: servers that cannot do tool calls refuse the request that offers one. */
const TOOL = { name: "noop", description: "Does nothing.", parameters: { type: "object", properties: {} } };

/**
 * Asks for the list of models, then for one token. The list alone is not enough: some hosts show it without a key, and
 * vLLM lists a model that was started without tool calls. Throws InputError.
 */
export async function probeTeacher(deps: ProbeDeps, signal?: AbortSignal): Promise<TeacherProbe> {
  const models = await listModels(deps, signal);
  const entry = models?.find((model) => model["id"] === deps.model);
  const contextTokens = windowOf(entry);
  if (entry?.["owned_by"] === REHEARSAL_MARK) return { model: deps.model, rehearsal: true, contextTokens };

  const names = models?.map((model) => textOf(model["id"])) ?? [];
  try {
    const reply = await deps.ask({
      callId: `probe-${crypto.randomUUID()}`,
      messages: [{ role: "user", content: "Say ok." }],
      tools: [TOOL],
      temperature: deps.temperature,
      maxOutputTokens: 1,
      ...(signal === undefined ? {} : { signal }),
    });
    return { model: deps.model, rehearsal: reply.rehearsal, contextTokens };
  } catch (thrown) {
    const error = errorOfLine(thrown, deps.url);
    if (provesAccess(error)) return { model: deps.model, rehearsal: false, contextTokens };
    throw inputError(error, deps.model, names);
  }
}

/** Null when the server has no such list. */
async function listModels({ client, url, model }: ProbeDeps, signal?: AbortSignal): Promise<readonly Fields[] | null> {
  try {
    const response = await client.models.list(signal === undefined ? {} : { signal }).asResponse();
    const json: unknown = JSON.parse(await response.text());
    return listOf(fieldsOf(json)["data"]).filter(isFields);
  } catch (thrown) {
    if (thrown instanceof SyntaxError) return null;
    const error = errorOfLine(thrown, url);
    const isAnswer = error.status !== undefined && error.code !== "teacher_auth";
    if (signal?.aborted !== true && isAnswer) return null;
    throw inputError(signal?.aborted === true ? interrupted(error) : error, model, []);
  }
}

/** vLLM: max_model_len; OpenRouter, LM Studio and others: context_length; llama.cpp: meta.n_ctx_train. */
function windowOf(entry: Fields | undefined): number | null {
  const said = entry?.["max_model_len"] ?? entry?.["context_length"] ?? fieldsOf(entry?.["meta"])["n_ctx_train"];
  return typeof said === "number" && Number.isSafeInteger(said) && said > 0 ? said : null;
}

/**
 * A busy teacher is a right one. OpenAI's reasoning models refuse to stop after one token ("Could not finish the
 * message because max_tokens … was reached"), which shows that they began.
 */
function provesAccess(error: TeacherError): boolean {
  return error.code === "teacher_rate_limit" || (error.code === "teacher_rejected" && /could not finish the message/i.test(error.message));
}

function inputError(error: TeacherError, model: string, names: readonly string[]): InputError {
  if (error.code === "teacher_model_unknown") {
    const listed =
      names.length === 0 ? "" : ` It has: ${names.slice(0, 20).join(", ")}${names.length > 20 ? `, and ${names.length - 20} more` : ""}.`;
    return new InputError("teacher_model_unknown", `The teacher does not know the model ${JSON.stringify(model)}.${listed}`, {
      hint: "Set teacher.model (or --model) to one that the server offers.",
      cause: error,
    });
  }
  const hint = error.hint ?? "Check that the server is up and answers, then try again.";
  return new InputError(error.code, error.message, { hint, cause: error });
}

const interrupted = (cause: unknown): TeacherError => new TeacherFailure("interrupted", "The probe was interrupted.", { cause });
