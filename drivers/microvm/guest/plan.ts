import * as z from "zod";

/** `plan.json` in the image: what its build is to prepare. Beside it lies `repository.pack`. */
export const preparePlan = z.strictObject({
  install: z.array(z.string()),
  timeoutMs: z.number().min(1),
  limits: z.strictObject({
    memoryMb: z.int().min(1),
    processes: z.int().min(1),
    diskMb: z.int().min(1),
    fileMb: z.int().min(1),
  }),
});
export type PreparePlan = z.infer<typeof preparePlan>;

/** Begins the last line of the log of a build whose preparation failed. */
export const FAILURE_MARK = "serac-preparation-failed ";

/** What follows the mark, as JSON. */
export const prepareFailure = z.strictObject({
  code: z.enum(["sandbox_install_failed", "sandbox_unavailable", "sandbox_failed"]),
  message: z.string(),
  hint: z.string().nullable(),
});
export type PrepareFailure = z.infer<typeof prepareFailure>;

/** Of a message in one event of the log. */
export const MAX_FAILURE_CHARACTERS = 30_000;
