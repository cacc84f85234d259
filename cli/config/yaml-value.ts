import { parse } from "yaml";

/**
 * A value as YAML. Throws what the parser throws. In a file of its own, so that it can be loaded when it is needed: a dynamic import of the
 * package itself, which is CommonJS, has no named exports in a bundle.
 */
export const yamlValue = (text: string): unknown => parse(text, { maxAliasCount: 0 });
