import { createHash } from "node:crypto";
import { HERMES_INSTRUCTIONS } from "./formats/hermes.ts";
import { TOOLS_END, TOOLS_HEAD } from "./formats/text-format.ts";

/** A string of the template language; what JSON writes with escapes reads the same there. */
const quoted = (text: string): string => JSON.stringify(text);

/**
 * The chat template that models are trained and served with, batch-images/vllm/serve.jinja: the text that `hermes` renders, from the
 * messages of a chat completions request. It escapes nothing: the trainer and the gateway do so before. What a server passes it beside
 * messages, tools and add_generation_prompt changes nothing. Two places know that arguments come parsed from vLLM, which reads their
 * JSON first, and as text from others: text is taken as it is.
 */
export const SERVE_TEMPLATE = `{#- Made from core/dataset/serve-template.ts by npm run docs: change it there. -#}
{%- macro text_of(message) -%}
  {%- if message['content'] is string -%}
    {{- message['content'] -}}
  {%- elif message['content'] is defined and message['content'] is not none -%}
    {{- raise_exception('The content of a message must be text.') -}}
  {%- endif -%}
{%- endmacro -%}
{%- macro tool_line(function) -%}
  {{- '{"type": "function", "function": {"name": ' + function['name'] | tojson -}}
  {%- if function['description'] is defined and function['description'] is not none -%}
    {{- ', "description": ' + function['description'] | tojson -}}
  {%- endif -%}
  {%- if function['parameters'] is defined and function['parameters'] is not none -%}
    {{- ', "parameters": ' + function['parameters'] | tojson -}}
  {%- endif -%}
  {{- '}}' -}}
{%- endmacro -%}
{%- macro call_line(function) -%}
  {{- '{"name": ' + function['name'] | tojson + ', "arguments": ' -}}
  {%- if function['arguments'] is string and function['arguments'] -%}
    {{- function['arguments'] -}}
  {%- elif function['arguments'] -%}
    {{- function['arguments'] | tojson -}}
  {%- else -%}
    {{- '{}' -}}
  {%- endif -%}
  {{- '}' -}}
{%- endmacro -%}
{%- macro tools_section() -%}
  {{- ${quoted(TOOLS_HEAD)} -}}
  {%- for tool in tools -%}
    {{- tool_line(tool['function']) + ('' if loop.last else '\\n') -}}
  {%- endfor -%}
  {{- ${quoted(TOOLS_END + HERMES_INSTRUCTIONS)} -}}
{%- endmacro -%}
{%- if tools and (not messages or messages[0]['role'] not in ['system', 'developer']) -%}
  {{- '<|im_start|>system\\n' + tools_section() + '<|im_end|>\\n' -}}
{%- endif -%}
{%- for message in messages -%}
  {%- if message['role'] in ['system', 'developer'] -%}
    {{- '<|im_start|>system\\n' + text_of(message) -}}
    {%- if loop.first and tools -%}
      {{- '\\n\\n' + tools_section() -}}
    {%- endif -%}
    {{- '<|im_end|>\\n' -}}
  {%- elif message['role'] == 'user' -%}
    {{- '<|im_start|>user\\n' + text_of(message) + '<|im_end|>\\n' -}}
  {%- elif message['role'] == 'tool' -%}
    {%- if loop.previtem is not defined or loop.previtem['role'] != 'tool' -%}
      {{- '<|im_start|>user' -}}
    {%- endif -%}
    {{- '\\n<tool_response>\\n' + text_of(message) + '\\n</tool_response>' -}}
    {%- if loop.nextitem is not defined or loop.nextitem['role'] != 'tool' -%}
      {{- '<|im_end|>\\n' -}}
    {%- endif -%}
  {%- elif message['role'] == 'assistant' -%}
    {{- '<|im_start|>assistant\\n' -}}
    {%- set reasoning = message['reasoning'] if message['reasoning'] is string else message['reasoning_content'] -%}
    {%- if reasoning is string -%}
      {{- '<think>\\n' + reasoning + '\\n</think>\\n\\n' -}}
    {%- endif -%}
    {%- set content = text_of(message).lstrip(' \\t\\r\\n') -%}
    {{- content -}}
    {%- if message['tool_calls'] -%}
      {{- '\\n' if content and not content.endswith('\\n') else '' -}}
      {%- for call in message['tool_calls'] -%}
        {{- '<tool_call>\\n' + call_line(call['function']) + '\\n</tool_call>' + ('' if loop.last else '\\n') -}}
      {%- endfor -%}
    {%- endif -%}
    {{- '<|im_end|>\\n' -}}
  {%- else -%}
    {{- raise_exception('A message has the role system, developer, user, assistant or tool.') -}}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- '<|im_start|>assistant\\n' -}}
{%- endif -%}
`;

/** By it the trainer, a model's manifest and a server agree that they speak of the same template. */
export const SERVE_TEMPLATE_SHA256 = createHash("sha256").update(SERVE_TEMPLATE).digest("hex");
