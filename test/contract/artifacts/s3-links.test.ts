import { createHash, createHmac } from "node:crypto";
import { beforeAll, expect, test } from "vitest";
import type { ArtifactLinks } from "../../../core/control/platform.ts";
import { createS3Artifacts, createS3Links } from "../../../drivers/s3/index.ts";
import { newBucket, type TestBucket } from "../../cloud/bucket.ts";
import { useMoto } from "../../cloud/use-moto.ts";

const moto = useMoto();
let bucket: TestBucket;
let links: ArtifactLinks;
beforeAll(async () => {
  bucket = await newBucket(moto.endpoint);
  links = createS3Links(bucket);
});

/**
 * Whether S3 would take the request: https://docs.aws.amazon.com/AmazonS3/latest/developerguide/sigv4-query-string-auth.html
 * moto does not look at signatures.
 */
function isSigned(method: string, address: string, headers: Readonly<Record<string, string>>): boolean {
  const url = new URL(address);
  const query = [...url.searchParams].filter(([name]) => name !== "X-Amz-Signature");
  const escaped = (text: string): string =>
    encodeURIComponent(text).replaceAll(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`);
  const signed = (url.searchParams.get("X-Amz-SignedHeaders") ?? "").split(";");
  const all: Record<string, string> = { ...headers, host: url.host };
  const canonical = [
    method,
    url.pathname,
    query
      .map(([name, value]) => `${escaped(name)}=${escaped(value)}`)
      .toSorted()
      .join("&"),
    ...signed.map((name) => `${name}:${all[name] ?? ""}`),
    "",
    signed.join(";"),
    "UNSIGNED-PAYLOAD",
  ].join("\n");
  const date = url.searchParams.get("X-Amz-Date") ?? "";
  const scope = (url.searchParams.get("X-Amz-Credential") ?? "").split("/").slice(1);
  const toSign = ["AWS4-HMAC-SHA256", date, scope.join("/"), createHash("sha256").update(canonical).digest("hex")].join("\n");
  const key = scope.reduce<string | Buffer>((secret, part) => createHmac("sha256", secret).update(part).digest(), "AWS4test");
  return createHmac("sha256", key).update(toSign).digest("hex") === url.searchParams.get("X-Amz-Signature");
}

test("a download has the name that it should have, whatever that is", async () => {
  await createS3Artifacts(bucket).put("runs/r 1/é.diff", Buffer.from("diff"));
  const url = await links.download("runs/r 1/é.diff", { expiresMs: 60_000, fileName: 'a"\r\nX-Evil: 1/../é 100%.diff' });
  const answer = await fetch(url);
  expect(await answer.text()).toBe("diff");
  expect(answer.headers.get("content-disposition")).toBe(
    `attachment; filename="a___X-Evil: 1_..__ 100_.diff"; filename*=UTF-8''a%22__X-Evil%3A%201_.._%C3%A9%20100%25.diff`,
  );
  expect(isSigned("GET", url, {})).toBe(true);
  expect(isSigned("GET", url.replace("r%201", "r%202"), {})).toBe(false);
});

test("an upload is one PUT of so many bytes", async () => {
  const { url, headers } = await links.upload("uploads/u1/repo.zip", { expiresMs: 60_000, bytes: 7 });
  expect(headers).toEqual({ "content-length": "7", "if-none-match": "*" });
  expect(isSigned("PUT", url, headers)).toBe(true);
  expect(isSigned("PUT", url, { ...headers, "content-length": "8" })).toBe(false);
  expect(isSigned("PUT", url, { "content-length": "7" })).toBe(false);
  expect(isSigned("GET", url, headers)).toBe(false);
  expect(url).not.toContain("checksum");
  const put = (): Promise<Response> => fetch(url, { method: "PUT", headers, body: "archive" });
  expect((await put()).status).toBe(200);
  expect(Buffer.from(await createS3Artifacts(bucket).get("uploads/u1/repo.zip")).toString()).toBe("archive");
  expect((await put()).status).toBe(412);
});

test.each([
  [1, "1"],
  [60_000, "60"],
  [12 * 3_600_000, "43200"],
  [365 * 86_400_000, "43200"],
])("a link for %i ms lives %s s", async (expiresMs, seconds) => {
  const url = await links.download("a", { expiresMs, fileName: "a" });
  expect(new URL(url).searchParams.get("X-Amz-Expires")).toBe(seconds);
});

test("what is no key, or no length, gets no link", async () => {
  const refused = { name: "InputError", code: "usage" };
  await expect(links.download("../a", { expiresMs: 1, fileName: "a" })).rejects.toMatchObject(refused);
  await expect(links.upload("../a", { expiresMs: 1, bytes: 1 })).rejects.toMatchObject(refused);
  for (const bytes of [0, -1, 1.5, 6 * 2 ** 30, Number.NaN]) {
    await expect(links.upload("a", { expiresMs: 1, bytes })).rejects.toMatchObject(refused);
  }
});
