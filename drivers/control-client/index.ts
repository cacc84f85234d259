import * as z from "zod";
import { datasetSchema } from "../../core/control/api/wire/dataset.ts";
import { type estimateBody, estimateSchema } from "../../core/control/api/wire/estimate.ts";
import { createdKeySchema, keyListSchema, meSchema, type newKeyBody } from "../../core/control/api/wire/keys.ts";
import { modelFilesSchema, modelListSchema, modelSchema, type newModelBody } from "../../core/control/api/wire/models.ts";
import { type newRunBody, type resumeBody, runDetailSchema, runListSchema, runSummarySchema } from "../../core/control/api/wire/runs.ts";
import { sampleDetailSchema, sampleListSchema } from "../../core/control/api/wire/samples.ts";
import { type newUploadBody, uploadSchema } from "../../core/control/api/wire/uploads.ts";
import type { Clock } from "../../core/errors/clock.ts";
import { InputError } from "../../core/errors/index.ts";
import type { SampleReason, SampleState } from "../../core/svg/sample.ts";
import type { RunState } from "../../core/svg/store.ts";
import type { ModelState } from "../../core/training/model.ts";
import { addressOf } from "./address.ts";
import { send, type Call, type Calling } from "./call.ts";
import { download, upload, type Download, type UploadRequest } from "./transfer.ts";

export type CloudRun = z.infer<typeof runDetailSchema>;
export type CloudRunSummary = z.infer<typeof runSummarySchema>;
export type CloudSample = z.infer<typeof sampleDetailSchema>;
export type CloudDataset = z.infer<typeof datasetSchema>;
export type CloudModel = z.infer<typeof modelSchema>;
export type CloudModelList = z.infer<typeof modelListSchema>;
export type CloudModelFiles = z.infer<typeof modelFilesSchema>;

/** A deployed control API. Everything throws SeracError, InputError where the caller has to change something. */
export interface ControlClient {
  /** As it is used: without `/v1`. */
  readonly url: string;
  me(): Promise<z.infer<typeof meSchema>>;
  createUpload(body: z.input<typeof newUploadBody>): Promise<z.infer<typeof uploadSchema>>;
  upload(request: UploadRequest): Promise<void>;
  /** The same `idempotencyKey` gives the same run. */
  startRun(body: z.input<typeof newRunBody>, idempotencyKey: string): Promise<CloudRun>;
  listRuns(page: { readonly limit: number; readonly after?: string; readonly state?: RunState }): Promise<z.infer<typeof runListSchema>>;
  run(runId: string, signal?: AbortSignal): Promise<CloudRun>;
  cancelRun(runId: string): Promise<CloudRunSummary>;
  resumeRun(runId: string, body: z.input<typeof resumeBody>): Promise<CloudRunSummary>;
  listSamples(
    runId: string,
    page: { readonly limit: number; readonly after?: number; readonly state?: SampleState; readonly reason?: SampleReason },
  ): Promise<z.infer<typeof sampleListSchema>>;
  sample(sampleId: string): Promise<CloudSample>;
  dataset(runId: string): Promise<CloudDataset>;
  download(url: string, from: number, signal: AbortSignal): Promise<Download>;
  estimate(body: z.input<typeof estimateBody>): Promise<z.infer<typeof estimateSchema>>;
  /** The same `idempotencyKey` gives the same model. */
  startModel(body: z.input<typeof newModelBody>, idempotencyKey: string): Promise<CloudModel>;
  listModels(page: {
    readonly limit: number;
    readonly after?: string;
    readonly state?: ModelState;
    readonly runId?: string;
  }): Promise<CloudModelList>;
  getModel(modelId: string, signal?: AbortSignal): Promise<CloudModel>;
  modelFiles(modelId: string): Promise<CloudModelFiles>;
  cancelModel(modelId: string): Promise<CloudModel>;
  /** It is gone within minutes. */
  removeModel(modelId: string): Promise<void>;
  listKeys(): Promise<z.infer<typeof keyListSchema>>;
  createKey(body: z.input<typeof newKeyBody>): Promise<z.infer<typeof createdKeySchema>>;
  revokeKey(keyId: string): Promise<void>;
}

export interface ControlClientOptions {
  readonly url: string;
  readonly apiKey: string;
  /** Where the key came from, for messages. */
  readonly keySource: string;
  /** Of this serac. */
  readonly version: string;
  readonly clock: Clock;
  readonly random?: () => number;
}

/** InputError("usage") for an address or a key that can be none. */
export function createControlClient({ random = Math.random, ...options }: ControlClientOptions): ControlClient {
  if (!/^[\x21-\x7e]+$/.test(options.apiKey)) {
    throw new InputError("usage", `The key in ${options.keySource} is empty, or holds white space or characters that no key has.`);
  }
  const calling: Calling = { ...options, url: addressOf(options.url), random };
  const get = <Schema extends z.ZodType>(path: string, answer: Schema, more: Pick<Call<Schema>, "query" | "signal"> = {}) =>
    send(calling, { method: "GET", path, answer, isRepeatable: true, ...more });
  const post = <Schema extends z.ZodType>(
    path: string,
    answer: Schema,
    more: Pick<Call<Schema>, "body" | "headers"> & { readonly isRepeatable: boolean },
  ) => send(calling, { method: "POST", path, answer, ...more });
  const remove = async (path: string): Promise<void> => {
    await send(calling, { method: "DELETE", path, answer: z.undefined(), isRepeatable: true });
  };
  const runPath = (runId: string): string => `/v1/runs/${encodeURIComponent(runId)}`;
  const modelPath = (modelId: string): string => `/v1/trained-models/${encodeURIComponent(modelId)}`;

  return {
    url: calling.url,
    me: () => get("/v1/me", meSchema),
    createUpload: (body) => post("/v1/uploads", uploadSchema, { body, isRepeatable: true }),
    upload: (request) => upload(request, options.clock),
    startRun: (body, idempotencyKey) =>
      post("/v1/runs", runDetailSchema, { body, headers: { "idempotency-key": idempotencyKey }, isRepeatable: true }),
    listRuns: (query) => get("/v1/runs", runListSchema, { query }),
    run: (runId, signal) => get(runPath(runId), runDetailSchema, { signal }),
    cancelRun: (runId) => post(`${runPath(runId)}/cancel`, runSummarySchema, { isRepeatable: true }),
    resumeRun: (runId, body) => post(`${runPath(runId)}/resume`, runSummarySchema, { body, isRepeatable: false }),
    listSamples: (runId, query) => get(`${runPath(runId)}/samples`, sampleListSchema, { query }),
    sample: (sampleId) => get(`/v1/samples/${encodeURIComponent(sampleId)}`, sampleDetailSchema),
    dataset: (runId) => get(`${runPath(runId)}/dataset`, datasetSchema),
    download,
    estimate: (body) => post("/v1/estimates", estimateSchema, { body, isRepeatable: true }),
    startModel: (body, idempotencyKey) =>
      post("/v1/trained-models", modelSchema, { body, headers: { "idempotency-key": idempotencyKey }, isRepeatable: true }),
    listModels: (query) => get("/v1/trained-models", modelListSchema, { query }),
    getModel: (modelId, signal) => get(modelPath(modelId), modelSchema, { signal }),
    modelFiles: (modelId) => get(`${modelPath(modelId)}/files`, modelFilesSchema),
    cancelModel: (modelId) => post(`${modelPath(modelId)}/cancel`, modelSchema, { isRepeatable: true }),
    removeModel: (modelId) => remove(modelPath(modelId)),
    listKeys: () => get("/v1/keys", keyListSchema),
    createKey: (body) => post("/v1/keys", createdKeySchema, { body, isRepeatable: false }),
    revokeKey: (keyId) => remove(`/v1/keys/${encodeURIComponent(keyId)}`),
  };
}
