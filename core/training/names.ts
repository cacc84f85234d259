import { MODELS_PREFIX } from "../config/cloud/names.ts";

/**
 * Keys of one model. The trainer is given the prefix alone, as a folder or as an s3:// address, and finds all it needs below it; the
 * layout is the same in both.
 */
export const modelPrefix = (modelId: string): string => `${MODELS_PREFIX}${modelId}/`;
/** What the trainer is to do, see job.ts. Written by us, once. */
export const jobKey = (modelId: string): string => `${modelPrefix(modelId)}job.json`;
/** The rows that it is trained on, `data/{t1,t2}/train-*.jsonl`, and `data/dataset.json`. Never changed: the model's own copy. */
export const dataPrefix = (modelId: string): string => `${modelPrefix(modelId)}data/`;
/** `checkpoints/step-000025/…`; whole when `COMPLETE` is in it. Written by the trainer, as all below. */
export const checkpointsPrefix = (modelId: string): string => `${modelPrefix(modelId)}checkpoints/`;
/** Every event of every try, a line each, see events.ts. */
export const metricsKey = (modelId: string): string => `${modelPrefix(modelId)}metrics.jsonl`;
/** The last event of the kinds that say how far it is. Small, written over again and again. */
export const progressKey = (modelId: string): string => `${modelPrefix(modelId)}progress.json`;
/** How it ended: the event `published` or `failed`. Written last. */
export const resultKey = (modelId: string): string => `${modelPrefix(modelId)}result.json`;
/** The adapter or the weights, tokenizer, template, `MANIFEST.json` with hashes, and the card. */
export const weightsPrefix = (modelId: string): string => `${modelPrefix(modelId)}model/`;
