import { describe, expect, it } from "vitest";
import { findApiKey, newApiKey } from "../../../core/control/keys.ts";

describe("keys of the control API", () => {
  const now = Date.parse("2026-01-01T00:00:00Z");

  it("are kept as their hash", () => {
    const { key, record } = newApiKey("ci", ["runs:read"], now);
    expect(key).toMatch(/^sk-serac-[A-Za-z0-9_-]{43}$/);
    expect(record).toMatchObject({ name: "ci", scopes: ["runs:read"], createdAt: "2026-01-01T00:00:00.000Z", isRevoked: false });
    expect(record.id).toMatch(/^key_[A-Za-z0-9]{12}$/);
    expect(JSON.stringify(record)).not.toContain(key.slice("sk-serac-".length));
    expect(newApiKey("ci", ["runs:read"], now).record.sha256).not.toBe(record.sha256);
  });

  it("are found by what was presented, and by nothing that a store mixes up", async () => {
    const { key, record } = newApiKey("ci", ["runs:read"], now);
    const find = (found: typeof record | null) => findApiKey({ findKey: async () => found }, key);
    expect(await find(record)).toBe(record);
    expect(await find(null)).toBeNull();
    expect(await find({ ...record, sha256: newApiKey("x", [], now).record.sha256 })).toBeNull();
    expect(await find({ ...record, sha256: "" })).toBeNull();
  });
});
