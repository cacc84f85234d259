export type { ImageParts } from "./archive.ts";
export { createMicrovmProvider, type ConnectTools, type MicrovmOptions } from "./provider.ts";
