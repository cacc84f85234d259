import { readFile } from "node:fs/promises";
import { Language as Grammar, Parser, Query } from "web-tree-sitter";
import { assetUrl } from "../../config/assets.ts";
import { type Asset, GRAMMAR_ASSETS, RUNTIME_ASSET } from "../assets.ts";
import type { Language } from "../languages/index.ts";

// Node has it, but no type library of ours says so.
declare const WebAssembly: { Memory: new (limits: { initial: number; maximum: number }) => { readonly buffer: ArrayBuffer } };

const PAGE_BYTES = 65_536;
const START_BYTES = 32 * 1024 * 1024;
/** No tree of a sane file comes near; one that does ends the thread and costs its file. */
const MAX_BYTES = 1024 * 1024 * 1024;

export interface LoadedGrammar {
  readonly parser: Parser;
  readonly declarations: Query;
  readonly errors: Query;
}

/** The parsers of one thread: WebAssembly has one memory for all, and it never shrinks. */
export interface Grammars {
  load(language: Language): Promise<LoadedGrammar>;
  memoryBytes(): number;
}

const silent = (): void => {};

export async function openGrammars(): Promise<Grammars> {
  const memory = new WebAssembly.Memory({ initial: START_BYTES / PAGE_BYTES, maximum: MAX_BYTES / PAGE_BYTES });
  await Parser.init({ wasmBinary: await read(RUNTIME_ASSET), wasmMemory: memory, print: silent, printErr: silent });
  const loaded = new Map<string, Promise<LoadedGrammar>>();
  return {
    load: (language) => {
      const known = loaded.get(language.name);
      if (known !== undefined) return known;
      const grammar = loadGrammar(language);
      loaded.set(language.name, grammar);
      return grammar;
    },
    memoryBytes: () => memory.buffer.byteLength,
  };
}

async function loadGrammar(language: Language): Promise<LoadedGrammar> {
  const grammar = await Grammar.load(await read(GRAMMAR_ASSETS[language.grammar]));
  const parser = new Parser();
  parser.setLanguage(grammar);
  return { parser, declarations: new Query(grammar, language.patterns), errors: new Query(grammar, "(ERROR) @error") };
}

function read(asset: Asset): Promise<Buffer> {
  return readFile(assetUrl(asset.name, asset.specifier));
}
