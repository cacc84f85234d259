import type { BodyScanner } from "./body-scanner.ts";
import { bareScanner, CLOSE, createJsonScanner, createXmlScanner, FUNCTION, OPEN, rawScanner } from "./body-scanner.ts";
import type { ReplyPart } from "./part.ts";
import { partialTagAt } from "./partial-tag.ts";
import type { TakesText } from "./read-call.ts";
import { readCalls } from "./read-calls.ts";
import type { TextStage } from "./unescaper.ts";

export interface TextCalls {
  readonly push: (text: string) => void;
  /** `isCut`: the reply ended for want of room, so that nothing may be added to a call without an end. */
  readonly end: (isCut: boolean) => void;
}

export interface TextCallsOptions {
  /** A raw closing tag is never data then, not even in a string. */
  readonly escapesReserved: boolean;
  readonly takesText: TakesText;
}

/** A call whose end is still to come. */
interface OpenCall {
  readonly tag: typeof OPEN | "";
  readonly scan: BodyScanner;
  readonly pieces: string[];
}

/**
 * Finds calls in text. What is between the tags of a call is held back until it is complete, because only then it is known to be one;
 * of the text around it only what may begin a tag.
 */
export function createTextCalls(options: TextCallsOptions, text: TextStage, take: (part: ReplyPart) => void): TextCalls {
  let held = "";
  let call: OpenCall | null = null;
  /** Whether the line has nothing visible yet: a bare `<function=` is a call only at the beginning of a line. */
  let isLineBlank = true;

  const passText = (end: number): void => {
    if (end === 0) return;
    const passed = held.slice(0, end);
    held = held.slice(end);
    const line = passed.slice(passed.lastIndexOf("\n") + 1);
    isLineBlank = line.trim() === "" && (line.length < passed.length || isLineBlank);
    text.push(passed);
  };

  const emitBody = (body: string, isCut: boolean): void => {
    call = null;
    isLineBlank = true;
    text.flush();
    const calls = readCalls(body, isCut, options.takesText);
    if (calls === null) take({ kind: "unparsed", text: body });
    for (const found of calls ?? []) {
      take({ kind: "call", name: found.name });
      if (found.arguments !== "") take({ kind: "arguments", text: found.arguments });
      take({ kind: "called", isWhole: found.isWhole });
    }
  };

  const openCall = (tag: OpenCall["tag"], scan: BodyScanner): void => {
    held = held.slice(tag.length);
    call = { tag, scan, pieces: [] };
  };

  /** False when more is needed to go on. */
  const findTag = (): boolean => {
    const wrapped = held.indexOf(OPEN);
    const bare = bareFunctionAt(held, isLineBlank);
    if (bare >= 0 && (wrapped < 0 || bare < wrapped)) {
      passText(bare);
      openCall("", bareScanner);
      return true;
    }
    if (wrapped < 0) {
      passText(partialTagAt(held, [OPEN, FUNCTION]));
      return false;
    }
    passText(wrapped);
    const visible = held.slice(OPEN.length).trimStart();
    if (visible === "" || (visible.length < FUNCTION.length && FUNCTION.startsWith(visible))) return false;
    const isObject = visible.startsWith("{");
    const isXml = visible.startsWith(FUNCTION);
    // In the midst of a line, and before neither form, the model speaks of the tag.
    if (!isObject && !isXml && !isLineBlank) passText(OPEN.length);
    else if (options.escapesReserved || (!isObject && !isXml)) openCall(OPEN, rawScanner);
    else openCall(OPEN, isObject ? createJsonScanner() : createXmlScanner());
    return true;
  };

  const readBody = (open: OpenCall): boolean => {
    const { body, next } = open.scan(held);
    open.pieces.push(held.slice(0, body));
    held = held.slice(next ?? body);
    if (next !== null) emitBody(open.pieces.join(""), false);
    return next !== null;
  };

  const run = (): void => {
    for (;;) if (held === "" || !(call === null ? findTag() : readBody(call))) return;
  };

  /** The reply is over and a body is not. */
  const endBody = (open: OpenCall, isCut: boolean): void => {
    const body = open.pieces.join("") + held;
    const close = open.tag === "" ? -1 : body.indexOf(CLOSE);
    const isCall = /^\s*(?:\{|<function=)/.test(body) && (open.tag !== "" || isCut);
    held = "";
    const untagged = body.slice(0, partialTagAt(body, [CLOSE]));
    if (readCalls(untagged, true, options.takesText)?.every((found) => found.isWhole) === true) emitBody(untagged, true);
    else if (close >= 0) {
      // A quote that is missing makes a string of all that follows; the tag is the end, after all.
      held = body.slice(close + CLOSE.length);
      emitBody(body.slice(0, close), false);
    } else if (isCall) emitBody(body, isCut);
    else {
      call = null;
      held = open.tag + body;
      passText(held.length);
    }
  };

  return {
    push(piece) {
      held += piece;
      run();
    },
    end(isCut) {
      for (;;) {
        if (call === null) break;
        endBody(call, isCut);
        run();
      }
      passText(held.length);
      text.flush();
    },
  };
}

function bareFunctionAt(text: string, isLineBlank: boolean): number {
  for (let at = text.indexOf(FUNCTION); at >= 0; at = text.indexOf(FUNCTION, at + 1)) {
    const line = text.slice(text.lastIndexOf("\n", at) + 1, at);
    if (line.trim() === "" && (line.length < at || isLineBlank)) return at;
  }
  return -1;
}
