"""Renders chats as transformers does, and with it vLLM and TRL. First line: the template, as a JSON string. Then a chat a line: {"messages",
"tools", "add_generation_prompt", "parsed"}; where `parsed`, the arguments of calls are read first, as vLLM does. Prints the text as a JSON
string, or null where the template refuses the chat."""

import json
import sys

from jinja2.exceptions import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template


def with_parsed_arguments(message: dict) -> dict:
    calls = [
        {**call, "function": {**call["function"], "arguments": json.loads(call["function"]["arguments"] or "{}")}}
        for call in message.get("tool_calls") or []
    ]
    return {**message, "tool_calls": calls} if calls else message


def render(template: str, chat: dict) -> str | None:
    messages = [with_parsed_arguments(message) for message in chat["messages"]] if chat["parsed"] else chat["messages"]
    try:
        texts, _ = render_jinja_template(
            [messages],
            tools=chat["tools"],
            chat_template=template,
            add_generation_prompt=chat["add_generation_prompt"],
            enable_thinking=False,
        )
    except TemplateError:
        return None
    return texts[0]


template = json.loads(sys.stdin.buffer.readline())
for line in sys.stdin.buffer:
    print(json.dumps(render(template, json.loads(line))))
