import fc from "fast-check";
import { expect, test } from "vitest";
import { InputError } from "../../../../core/errors/index.ts";
import { createKeyRing } from "../../../../core/gateway/key-ring.ts";
import { keyRecord } from "../../../upstream/key-record.ts";

test("each key finds its own record and no other text finds any", async () => {
  const keys = fc.uniqueArray(fc.string({ minLength: 1 }), { minLength: 1, maxLength: 5 });
  await fc.assert(
    fc.asyncProperty(keys, fc.string(), async (known, other) => {
      const ring = createKeyRing(known.map((key, index) => keyRecord(`k${index}`, key)));
      for (const [index, key] of known.entries()) expect((await ring.find(key))?.id).toBe(`k${index}`);
      fc.pre(!known.includes(other));
      expect(await ring.find(other)).toBeNull();
    }),
    { numRuns: 50 },
  );
});

test("a revoked key is found: it is for the caller to refuse it", async () => {
  const ring = createKeyRing([keyRecord("old", "secret", { isRevoked: true })]);
  expect((await ring.find("secret"))?.isRevoked).toBe(true);
});

test("hashes may be written in capitals", async () => {
  const { sha256, ...rest } = keyRecord("a", "secret");
  expect((await createKeyRing([{ ...rest, sha256: sha256.toUpperCase() }]).find("secret"))?.id).toBe("a");
});

test("a record that holds the key itself is refused, and the message does not repeat it", () => {
  const make = () => createKeyRing([{ ...keyRecord("ci", "x"), sha256: "my-secret-key" }]);
  expect(make).toThrow(InputError);
  expect(make).toThrow(/"ci".*64 hexadecimal/);
  expect(make).not.toThrow(/my-secret-key/);
});
