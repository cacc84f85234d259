import type { CommandNode, PipelineNode, ScriptNode, StatementNode, TransformPlugin } from "just-bash";
import { OUTPUT_DEVICE } from "../tree/system.ts";

/**
 * just-bash returns output and errors apart, and only at the end. This plugin sends those of every command that would print to
 * the terminal to the output device instead, so that they arrive in the order written and survive a command that is stopped.
 * Commands inside functions, substitutions and the front of pipelines keep their own output; their callers print it.
 */
export function consoleOutput(): TransformPlugin {
  let isOutermost = true;
  return {
    name: "console-output",
    transform: ({ ast }) => {
      // Scripts that commands run in turn (xargs, bash -c, find -exec …) print to whoever called them.
      const isNested = !isOutermost;
      isOutermost = false;
      return { ast: isNested ? ast : withConsole(ast) };
    },
  };
}

function withConsole(script: ScriptNode): ScriptNode {
  return { ...script, statements: script.statements.map(statement) };
}

function statement(node: StatementNode): StatementNode {
  return { ...node, pipelines: node.pipelines.map(pipeline) };
}

const body = (statements: readonly StatementNode[]): StatementNode[] => statements.map(statement);

function pipeline(node: PipelineNode): PipelineNode {
  const last = node.commands.length - 1;
  return { ...node, commands: node.commands.map((each, at) => (at === last ? command(each) : redirected(each, 2))) };
}

type Redirection = Extract<CommandNode, { type: "SimpleCommand" }>["redirections"][number];

/** These act on the shell itself; a redirection would only get in their way. */
const CONTROL: ReadonlySet<string> = new Set(["break", "continue", "exec", "exit", "return"]);

/** Both streams of a plain command, and of the plain commands inside a compound one. */
function command(node: CommandNode): CommandNode {
  if (node.type === "FunctionDef") return node;
  if (node.type === "SimpleCommand") return redirected(node, null);
  if (node.redirections.length > 0) return redirected(node, null);
  switch (node.type) {
    case "If":
      return {
        ...node,
        clauses: node.clauses.map((clause) => ({ condition: body(clause.condition), body: body(clause.body) })),
        elseBody: node.elseBody === null ? null : body(node.elseBody),
      };
    case "While":
    case "Until":
      return { ...node, condition: body(node.condition), body: body(node.body) };
    case "For":
    case "CStyleFor":
    case "Subshell":
    case "Group":
      return { ...node, body: body(node.body) };
    case "Case":
      return { ...node, items: node.items.map((item) => ({ ...item, body: body(item.body) })) };
    default:
      return redirected(node, null);
  }
}

/** The device comes first, so that the command's own redirections win. `fd` null means both streams. */
function redirected<T extends CommandNode>(node: T, fd: 2 | null): T {
  if (node.type === "FunctionDef" || (node.type === "SimpleCommand" && CONTROL.has(literalName(node) ?? ""))) return node;
  const toDevice: Redirection = {
    type: "Redirection",
    fd,
    operator: fd === null ? "&>>" : ">>",
    target: { type: "Word", parts: [{ type: "Literal", value: OUTPUT_DEVICE }] },
  };
  return { ...node, redirections: [toDevice, ...node.redirections] };
}

function literalName(node: Extract<CommandNode, { type: "SimpleCommand" }>): string | undefined {
  const [part] = node.name?.parts ?? [];
  return part?.type === "Literal" ? part.value : undefined;
}
