import { flagAt, nameAt, objectAt, Misread, shallowAt, textAt } from "./misread.ts";
import type { ClientTool, ToolChoice } from "./request.ts";

export function readTool(value: unknown, path: string): ClientTool {
  const tool = objectAt(value, path);
  const type = tool["type"] ?? "custom";
  if (typeof type !== "string") throw new Misread(`${path}.type`, "a string");
  // Not all of the API's own tools have a name: a toolset of a server has none.
  if (type !== "custom") {
    const name = typeof tool["name"] === "string" && tool["name"] !== "" ? tool["name"] : type;
    return { name, description: "", inputSchema: {}, serverType: type };
  }
  return {
    name: nameAt(tool["name"], `${path}.name`),
    description: textAt(tool["description"] ?? "", `${path}.description`),
    inputSchema: shallowAt(tool["input_schema"], `${path}.input_schema`),
    serverType: null,
  };
}

export function readToolChoice(value: unknown): ToolChoice | null {
  if (value === undefined || value === null) return null;
  const choice = objectAt(value, "tool_choice");
  const type = choice["type"];
  if (type !== "auto" && type !== "any" && type !== "none" && type !== "tool") {
    throw new Misread("tool_choice.type", '"auto", "any", "none" or "tool"');
  }
  return {
    type,
    name: type === "tool" ? nameAt(choice["name"], "tool_choice.name") : null,
    isParallelDisabled: flagAt(choice["disable_parallel_tool_use"], "tool_choice.disable_parallel_tool_use") ?? false,
  };
}
