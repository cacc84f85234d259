export { startUpstream } from "./server.ts";
export type { Script, TestUpstream, UpstreamOptions } from "./server.ts";
export type { Received } from "./received.ts";
export type { Answer, Break, BreakKind, BreakPlace, Fault, Reply, ScriptedCall, Usage } from "./reply.ts";
export { badGatewayPage, overloaded, tooMany } from "./reply.ts";
export { OVERFLOW_WORDINGS } from "./overflow.ts";
export type { OverflowWording } from "./overflow.ts";
export { exactTokenizer } from "./tokenizer.ts";
export { BLOCK_TOKENS } from "./prefix-cache.ts";
