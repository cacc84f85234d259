import fc from "fast-check";
import { expect, test } from "vitest";
import { isLoopback, rootOf } from "../../../../cli/gateway/server-address.ts";

test.each([
  ["http://gpu:8000", "http://gpu:8000"],
  ["http://gpu:8000/", "http://gpu:8000"],
  ["http://gpu:8000/v1", "http://gpu:8000"],
  ["http://gpu:8000/v1/", "http://gpu:8000"],
  ["https://models.example/team/v1", "https://models.example/team"],
  ["https://models.example/v1beta", "https://models.example/v1beta"],
  ["HTTP://GPU:80/", "http://gpu"],
  ["http://[::1]:8000/v1", "http://[::1]:8000"],
])("%s", (given, root) => {
  expect(rootOf("--upstream", given)).toBe(root);
});

const addresses = fc
  .tuple(
    fc.constantFrom("http", "https"),
    fc.constantFrom("gpu", "127.0.0.1", "[::1]", "models.example"),
    fc.integer({ min: 1, max: 65_535 }),
  )
  .chain(([scheme, host, port]) =>
    fc
      .array(fc.constantFrom("v1", "v1beta", "team", "", "a%20b"), { maxLength: 4 })
      .map((path) => `${scheme}://${host}:${port}/${path.join("/")}`),
  );

test("reading an address again changes nothing", () => {
  fc.assert(
    fc.property(addresses, (url) => {
      const root = rootOf("--upstream", url);
      fc.pre(!root.endsWith("/v1"));
      expect(rootOf("--upstream", root)).toBe(root);
      expect(rootOf("--upstream", `${root}/v1`)).toBe(root);
    }),
  );
});

test("what is no address is refused, and a password is never shown", () => {
  expect(() => rootOf("--upstream", "gpu:8000")).toThrow(expect.objectContaining({ hint: "Did you mean http://gpu:8000?" }));
  expect(() => rootOf("--upstream", "ftp://gpu/")).toThrow(/--upstream: found "ftp:\/\/gpu\/"; allowed: an http or https address/);
  for (const address of ["http://me:hunter22@gpu:8000", "ftp://me:hunter22@gpu", "me:hunter22@gpu:8000"]) {
    expect(() => rootOf("--upstream", address)).toThrow(expect.objectContaining({ message: expect.not.stringContaining("hunter22") }));
  }
  expect(() => rootOf("--upstream", "http://gpu:8000/v1?key=hunter22")).toThrow(
    expect.objectContaining({ message: expect.not.stringContaining("hunter22") }),
  );
});

test("what is this machine alone", () => {
  for (const host of ["127.0.0.1", "127.1.2.3", "localhost", "::1", "[::1]", "LOCALHOST"]) expect(isLoopback(host)).toBe(true);
  for (const host of ["0.0.0.0", "::", "10.0.0.1", "localhost.example", "127.0.0.1.example", ""]) expect(isLoopback(host)).toBe(false);
});
