import * as z from "zod";
import { inputSchema } from "../../../config/known-keys.ts";

const { $schema: _dialect, ...schema } = { $schema: "", ...inputSchema() };

/** Documented key by key; checked by core/config, whose messages are the same in a file. */
export const configBody = z.record(z.string(), z.unknown()).meta({ id: "Config", ...schema, description: "What serac.yaml holds." });
