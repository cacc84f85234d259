export { createS3Artifacts } from "./artifacts.ts";
export type { Bucket } from "./bucket.ts";
export { createS3DatasetSink } from "./dataset-sink.ts";
export { createS3Facts } from "./facts.ts";
export { createS3Journal } from "./journal.ts";
export { createS3Links } from "./links.ts";
