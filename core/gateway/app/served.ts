import type { GatewayDeps } from "../deps.ts";

export type Served = GatewayDeps["models"][number];

/** The first model answers to every name that no model has. */
export const servedAs = ({ models }: GatewayDeps, name: string): Served => models.find(({ model }) => model.name === name) ?? models[0]!;
