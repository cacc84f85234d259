import type { Estate } from "../estate.ts";
import type { Permission } from "./permission.ts";

const AMONG = "Names of objects are made at run time; the folder is as near as a policy can come.";

// Folders are key prefixes, such as `runs/`, or patterns, such as `drops/*/result.json`.
const arnsOf = ({ bucket }: Estate, folders: readonly string[]): string[] =>
  folders.map((folder) => bucket.arnForObjects(folder.endsWith("/") ? `${folder}*` : folder));

export const readObjects = (estate: Estate, ...folders: readonly string[]): Permission => ({
  sid: "ReadObjects",
  actions: ["s3:GetObject"],
  resources: arnsOf(estate, folders),
  wildcard: AMONG,
});

export const writeObjects = (estate: Estate, ...folders: readonly string[]): Permission => ({
  sid: "WriteObjects",
  actions: ["s3:PutObject"],
  resources: arnsOf(estate, folders),
  wildcard: AMONG,
});

/** Also in parts, when nobody knows how large it is: which is written with the same action, and given up with one of its own. */
export const streamObjects = (estate: Estate, ...folders: readonly string[]): Permission => ({
  ...writeObjects(estate, ...folders),
  actions: ["s3:PutObject", "s3:AbortMultipartUpload"],
});

export const removeObjects = (estate: Estate, ...folders: readonly string[]): Permission => ({
  sid: "RemoveObjects",
  actions: ["s3:DeleteObject"],
  resources: arnsOf(estate, folders),
  wildcard: AMONG,
});

/**
 * Also what makes S3 answer "there is none" instead of "you may not" for an object that is missing; such a request has no prefix, hence
 * IfExists.
 */
export const listObjects = ({ bucket }: Estate, ...folders: readonly string[]): Permission => ({
  sid: "ListObjects",
  actions: ["s3:ListBucket"],
  resources: [bucket.bucketArn],
  conditions: { StringLikeIfExists: { "s3:prefix": folders.map((folder) => `${folder}*`) } },
});
