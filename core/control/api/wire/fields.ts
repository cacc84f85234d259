import * as z from "zod";

/** Fields that several bodies have. */

export const timestamp = z.iso.datetime().meta({ description: "UTC.", example: "2026-11-21T10:15:00.000Z" });
export const runId = z.string().meta({ example: "my-service-20261121-101500-a1b2" });
export const microUsd = z.int().min(0).meta({ description: "Millionths of a US dollar." });
export const countOf = (what: string) => z.int().min(0).meta({ description: what });
export const linkUrl = z.url().meta({ description: "Needs no key, and works until `expiresAt`." });

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
export const pathId = (example: string) => z.string().regex(ID).meta({ example });

/** A whole number in the query of an address. */
export const queryNumber = (from: number, to: number) =>
  z.preprocess((text) => (typeof text === "string" && /^\d{1,9}$/.test(text) ? Number(text) : text), z.int().min(from).max(to));

/** Takes no other keys; the message about one that it does not know lists these, for whoever looks for the nearest. */
export const strict = <Shape extends z.core.$ZodShape>(shape: Shape) =>
  z.strictObject(shape, { error: (issue) => (issue.code === "unrecognized_keys" ? Object.keys(shape).join(" ") : undefined) });

/** `allowed` is what a person is told who sent something else. */
export const textLike = (pattern: RegExp, allowed: string) => z.string().regex(pattern, { error: allowed });
