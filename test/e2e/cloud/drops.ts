import { execFileSync } from "node:child_process";
import { setTimeout as wait } from "node:timers/promises";
import { GetObjectCommand, ListObjectsV2Command, PutObjectCommand } from "@aws-sdk/client-s3";
import type { Cloud } from "./cloud.ts";

/** The example repository as a user would pack it. */
export const archiveOf = (folder: string): Buffer => execFileSync("tar", ["-czf", "-", "-C", folder, "."], { maxBuffer: 64 * 1024 * 1024 });

export async function put(cloud: Cloud, key: string, content: string | Buffer): Promise<void> {
  await cloud.clients.s3.send(new PutObjectCommand({ Bucket: cloud.names.bucket, Key: key, Body: content }));
}

/** Null when there is no such object. */
export async function textAt(cloud: Cloud, key: string): Promise<string | null> {
  try {
    const { Body } = await cloud.clients.s3.send(new GetObjectCommand({ Bucket: cloud.names.bucket, Key: key }));
    return await Body!.transformToString();
  } catch (error) {
    if (error instanceof Error && error.name === "NoSuchKey") return null;
    throw error;
  }
}

export async function keysBelow(cloud: Cloud, prefix: string): Promise<string[]> {
  const { Contents } = await cloud.clients.s3.send(new ListObjectsV2Command({ Bucket: cloud.names.bucket, Prefix: prefix }));
  return (Contents ?? []).map(({ Key }) => Key!);
}

/** What drops/<name>/result.json says, as far as the tests look. */
export interface DropReport {
  readonly state: string;
  readonly message: string;
  readonly code: string | null;
  readonly notes: readonly string[];
  readonly run: {
    readonly id: string;
    readonly state: string;
    readonly planned: number;
    readonly done: number;
    readonly dataset: string | null;
    readonly model: {
      readonly id: string;
      readonly state: string;
      readonly detail: string | null;
      readonly location: string | null;
    } | null;
  } | null;
}

export async function reportOf(cloud: Cloud, name: string): Promise<DropReport | null> {
  const text = await textAt(cloud, `drops/${name}/result.json`);
  return text === null ? null : (JSON.parse(text) as DropReport);
}

/** Asks until there is an answer; the test's own time limit is the only one. */
export async function until<T>(ask: () => Promise<T | null | undefined | false>): Promise<T> {
  for (;;) {
    const answer = await ask();
    if (answer !== null && answer !== undefined && answer !== false) return answer;
    await wait(200);
  }
}

/** The report, once nothing goes on by itself any more: how it ended is the test's to say, and a run that failed is not waited for. */
export const settled = (cloud: Cloud, name: string): Promise<DropReport> =>
  reported(cloud, name, ({ state }) => !["waiting", "accepted", "running"].includes(state));

/** The report, once it is as wanted. */
export const reported = (cloud: Cloud, name: string, isWanted: (report: DropReport) => boolean): Promise<DropReport> =>
  until(async () => {
    const report = await reportOf(cloud, name);
    return report !== null && isWanted(report) ? report : null;
  });
