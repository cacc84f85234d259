import * as z from "zod";

/** What an event and an answer of a function may hold is 6 MB (AWS, "Lambda quotas"); base64 makes three bytes four. */
export const TENANT_MEMORY_MB = { min: 512, max: 10_240 } as const;
/** Of /tmp, for what the function itself needs there. */
export const TENANT_DISK_MB = 10_240;

/** What the stack tells the functions where the sandbox is a function of tenants: SERAC_SANDBOX, as JSON. */
export const tenantSettings = z.strictObject({
  kind: z.literal("tenant"),
  functionArn: z
    .string()
    .regex(/^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_-]{1,64}$/, "must be the ARN of a function, without a version"),
  /** Of the function. */
  memoryMb: z.int().min(TENANT_MEMORY_MB.min).max(TENANT_MEMORY_MB.max),
  /** Of the function's /tmp. */
  diskMb: z.int().min(512).max(TENANT_DISK_MB),
  /** How long to wait for room in the account, and for an environment. */
  startSeconds: z.int().min(5).max(600).default(90),
  /** Folder of the bucket where repositories lie packed, one a run. */
  basePrefix: z
    .string()
    .regex(/^[A-Za-z0-9_-]+(\/[A-Za-z0-9_-]+)*\/$/, "must be a folder, such as sandbox-bases/")
    .default("sandbox-bases/"),
});

export type TenantSettings = z.infer<typeof tenantSettings>;
export type TenantSettingsInput = z.input<typeof tenantSettings>;
