/** A data file that the survey loads at run time; the packager copies `specifier` to `assets/<name>`. */
export interface Asset {
  readonly name: string;
  readonly specifier: string;
}

const VSCODE = "@vscode/tree-sitter-wasm/wasm";

export const RUNTIME_ASSET: Asset = { name: "grammars/tree-sitter.wasm", specifier: "web-tree-sitter/web-tree-sitter.wasm" };

export const GRAMMAR_ASSETS = {
  python: { name: "grammars/tree-sitter-python.wasm", specifier: `${VSCODE}/tree-sitter-python.wasm` },
  javascript: { name: "grammars/tree-sitter-javascript.wasm", specifier: `${VSCODE}/tree-sitter-javascript.wasm` },
  typescript: { name: "grammars/tree-sitter-typescript.wasm", specifier: `${VSCODE}/tree-sitter-typescript.wasm` },
  tsx: { name: "grammars/tree-sitter-tsx.wasm", specifier: `${VSCODE}/tree-sitter-tsx.wasm` },
  go: { name: "grammars/tree-sitter-go.wasm", specifier: `${VSCODE}/tree-sitter-go.wasm` },
  java: { name: "grammars/tree-sitter-java.wasm", specifier: `${VSCODE}/tree-sitter-java.wasm` },
  rust: { name: "grammars/tree-sitter-rust.wasm", specifier: `${VSCODE}/tree-sitter-rust.wasm` },
  c: { name: "grammars/tree-sitter-c.wasm", specifier: "tree-sitter-c/tree-sitter-c.wasm" },
  cpp: { name: "grammars/tree-sitter-cpp.wasm", specifier: `${VSCODE}/tree-sitter-cpp.wasm` },
  csharp: { name: "grammars/tree-sitter-c-sharp.wasm", specifier: `${VSCODE}/tree-sitter-c-sharp.wasm` },
  ruby: { name: "grammars/tree-sitter-ruby.wasm", specifier: `${VSCODE}/tree-sitter-ruby.wasm` },
  php: { name: "grammars/tree-sitter-php.wasm", specifier: `${VSCODE}/tree-sitter-php.wasm` },
  kotlin: {
    name: "grammars/tree-sitter-kotlin.wasm",
    specifier: "@tree-sitter-grammars/tree-sitter-kotlin/tree-sitter-kotlin.wasm",
  },
} as const satisfies Record<string, Asset>;

export type GrammarName = keyof typeof GRAMMAR_ASSETS;

/** Everything that must lie beside the bundle. */
export const SURVEY_ASSETS: readonly Asset[] = [RUNTIME_ASSET, ...Object.values(GRAMMAR_ASSETS)];
