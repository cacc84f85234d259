import * as z from "zod";

/** What the stack tells the gateway's function of the models that it serves: SERAC_GATEWAY, as JSON. */

const text = z.string().min(1);
const tokens = z.int().min(1);

/** As core/gateway knows them; a test compares. */
export const GATEWAY_PROFILES = ["swe-agent", "native"] as const;
export const GATEWAY_THINKING = ["leading-tag", "template-opened", "none"] as const;

export const servedModelSettings = z.strictObject({
  /** What clients call it. */
  name: text,
  /** Root of the model server, without /v1. */
  url: z.url({ protocol: /^https?$/ }),
  /** What the server calls it. Left out: as `name`. */
  upstreamName: text.optional(),
  /** The secret that holds the server's key. Left out: none is sent. */
  keySecret: text.optional(),
  profile: z.enum(GATEWAY_PROFILES).default("swe-agent"),
  contextTokens: tokens.optional(),
  maxOutputTokens: tokens.optional(),
  temperature: z.number().min(0).max(2).optional(),
  topP: z.number().min(0).max(1).optional(),
  topK: z.int().min(0).optional(),
  canSeeImages: z.boolean().default(false),
  thinking: z.enum(GATEWAY_THINKING).default("leading-tag"),
});

/** The first model also answers to names that nobody knows. */
export const gatewaySettings = z.strictObject({ models: z.array(servedModelSettings).min(1) });

export type ServedModelSettings = z.infer<typeof servedModelSettings>;
export type GatewaySettings = z.infer<typeof gatewaySettings>;
