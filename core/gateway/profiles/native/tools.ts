import { escapeJson } from "../../../agent/reserved-literals.ts";
import type { ClientTool, JsonObject, MessagesRequest } from "../../client/request.ts";
import type { ChatRequest, ChatTool } from "../../upstream/chat-request.ts";

/** The client's own tools; those that the API would run by itself are not here. */
export const ownTools = ({ tools }: MessagesRequest): readonly ClientTool[] => {
  const names = new Set<string>();
  return tools.filter(({ name, serverType }) => serverType === null && !names.has(name) && names.add(name));
};

/** Tools as the client describes them, and how they may be used. `mayCall` false: they stay in the prompt, for its cache, but are not called. */
export function toolFields(
  request: MessagesRequest,
  mayCall: boolean,
  escapesReserved: boolean,
): Pick<ChatRequest, "tools" | "tool_choice" | "parallel_tool_calls"> {
  const tools = ownTools(request);
  if (tools.length === 0) return {};
  const choice = mayCall ? toolChoice(request, tools) : "none";
  return {
    tools: escapesReserved ? tools.map(chatTool).map(escaped) : tools.map(chatTool),
    ...(choice === undefined ? {} : { tool_choice: choice }),
    ...(request.toolChoice?.isParallelDisabled === true ? { parallel_tool_calls: false } : {}),
  };
}

/** A tool that is not among the others cannot be asked for: servers answer 400. Any of them is the nearest thing. */
function toolChoice({ toolChoice: choice }: MessagesRequest, tools: readonly ClientTool[]): ChatRequest["tool_choice"] {
  switch (choice?.type) {
    case "none":
      return "none";
    case "any":
      return "required";
    case "tool": {
      const { name } = choice;
      return name !== null && tools.some((tool) => tool.name === name) ? { type: "function", function: { name } } : "required";
    }
    default:
      return undefined;
  }
}

const chatTool = ({ name, description, inputSchema }: ClientTool): ChatTool => ({
  type: "function",
  function: { name, description, parameters: objectSchema(inputSchema) },
});

function escaped(tool: ChatTool): ChatTool {
  const json = JSON.stringify(tool);
  const written = escapeJson(json);
  return written === json ? tool : JSON.parse(written);
}

/** Arguments are an object whatever the schema says; templates read its properties. */
function objectSchema(schema: JsonObject): JsonObject {
  const { properties } = schema;
  const hasProperties = typeof properties === "object" && properties !== null && !Array.isArray(properties);
  if (schema["type"] === "object" && hasProperties) return schema;
  return { ...schema, type: "object", properties: hasProperties ? properties : {} };
}
