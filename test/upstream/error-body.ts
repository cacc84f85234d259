/** An error before it is put into the shape of a release. */
export interface ErrorBody {
  readonly status: number;
  readonly type: string;
  readonly message: string;
  readonly param: string | null;
}

/** `nested` since vLLM 0.10.1 (vllm-project/vllm#22099), `flat` before. */
export type ErrorShape = "nested" | "flat";

export function errorJson({ status, type, message, param }: ErrorBody, shape: ErrorShape): string {
  return JSON.stringify(
    shape === "nested" ? { error: { message, type, param, code: status } } : { object: "error", message, type, param, code: status },
  );
}

export const badRequest = (message: string, param: string | null = null): ErrorBody => ({
  status: 400,
  type: "BadRequestError",
  message,
  param,
});
