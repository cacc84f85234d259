"""From a row to the text that the model learns: serve.jinja in the environment in which transformers, and so a server, renders it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2.exceptions import TemplateError
from transformers.utils.chat_template_utils import render_jinja_template

from serac_sft.failures import TrainingFailure
from serac_sft.python_json import canonical_object, read_json
from serac_sft.reserved import escape_json, escape_text
from serac_sft.rows import Row


def load_template(path: Path, sha256: str) -> str:
    """TrainingFailure("template_mismatch") unless the file is the very template that the rows were rendered with."""
    try:
        content = path.read_bytes()
    except OSError as error:
        raise TrainingFailure("template_mismatch", f"The template {path} cannot be read: {error.strerror}.") from error
    found = hashlib.sha256(content).hexdigest()
    if found != sha256:
        message = f"The data was rendered with the template {sha256[:12]}…, and {path} is {found[:12]}…."
        hint = "Trainer and serac must be of the same version: install both from one, and export the dataset again."
        raise TrainingFailure("template_mismatch", message, hint)
    return content.decode()


def render(row: Row, template: str) -> str:
    """The text of the whole conversation. TrainingFailure("data_invalid") for calls or tools that are no JSON."""
    messages, tools = chat_of(row)
    try:
        texts, _ = render_jinja_template([messages], tools=tools, chat_template=template)
    except (TemplateError, TypeError, ValueError, RecursionError) as error:
        raise TrainingFailure("data_invalid", f"{row.where}: {_template_error(error)}") from error
    return texts[0]


def chat_of(row: Row) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Messages and tools as a chat template takes them, with what is reserved escaped in them."""
    messages = [_message(row, message) for message in row.messages]
    tools = _json(row, "tools", lambda: read_json(escape_json(row.tools)))
    if not isinstance(tools, list) or not all(_is_tool(tool) for tool in tools):
        raise TrainingFailure("data_invalid", f"{row.where}: tools is no list of functions.")
    return messages, tools


def _template_error(error: Exception) -> str:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
    return f"the chat template cannot render it: {reason}."


def _message(row: Row, message: dict[str, Any]) -> dict[str, Any]:
    escaped: dict[str, Any] = {"role": message["role"], "content": escape_text(message["content"])}
    if message["role"] != "assistant":
        return escaped
    reasoning, calls = message.get("reasoning_content"), message.get("tool_calls")
    if reasoning is not None:
        escaped["reasoning_content"] = escape_text(reasoning)
    if calls:
        escaped["tool_calls"] = [{"type": "function", "function": _call(row, call["function"])} for call in calls]
    return escaped


def _call(row: Row, function: dict[str, str]) -> dict[str, str]:
    name = function["name"]
    arguments = _json(row, f"the arguments of {name[:100]}", lambda: canonical_object(function["arguments"]))
    return {"name": escape_text(name), "arguments": escape_json(arguments)}


def _is_tool(tool: Any) -> bool:
    return isinstance(tool, dict) and isinstance(tool.get("function"), dict)


def _json(row: Row, what: str, read: Callable[[], Any]) -> Any:
    try:
        return read()
    except ValueError as error:
        raise TrainingFailure("data_invalid", f"{row.where}: {what} cannot be read as JSON: {error}.") from error
