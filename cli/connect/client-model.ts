/** Names that Claude Code resolves by itself, to models of its own. */
const ALIASES = /^(default|best|opus|sonnet|haiku|fable|opusplan)(\[1m\])?$/i;

/**
 * The name under which Claude Code is to ask for a model. A name with `claude` anywhere in it is taken for one of Anthropic's models and
 * given that one's window, whatever the environment says (2.1.329: `x-claude-sonnet-4-5` never compacts); so does an alias. The gateway
 * answers to every name.
 */
export function clientModelOf(name: string): string {
  return /claude|anthropic/i.test(name) || ALIASES.test(name) ? "serac-model" : name;
}
