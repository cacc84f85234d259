import { describe, expect, it } from "vitest";

import { inWords } from "../../../drivers/archive/meter.ts";
import { printable, translated } from "../../../drivers/archive/refusal.ts";

describe("what is said of an archive", () => {
  it("shows names without obeying them", () => {
    expect(printable("a\x1b[31m\n")).toBe(String.raw`"a\u001b[31m\n"`);
    expect(printable("\u202egpj.exe\x7f\x9b")).toBe(String.raw`"\u202egpj.exe\u007f\u009b"`);
    expect(printable("x".repeat(5000)).length).toBeLessThan(210);
    expect(printable(Buffer.from("é"))).toBe('"é"');
  });

  it("tells sizes in the unit that is near", () => {
    expect([0, 1023, 1024, 1536, 2 ** 31, 9 * 1024 ** 5].map(inWords)).toEqual([
      "0 bytes",
      "1023 bytes",
      "1 KiB",
      "1.5 KiB",
      "2 GiB",
      "9216 TiB",
    ]);
  });

  it("puts errors of the disk and of decompression into words, and leaves others alone", () => {
    const coded = (code: string): Error => Object.assign(new Error("raw"), { code });
    expect(translated("a", coded("ENOSPC"))).toMatchObject({
      code: "archive_too_large",
      message: expect.stringContaining("no room on the disk"),
    });
    expect(translated("a", coded("ENOSPC"))).not.toHaveProperty("cause");
    for (const code of ["Z_DATA_ERROR", "Z_BUF_ERROR", "ZSTD_error_checksum_wrong", "ERR_BUFFER_TOO_LARGE"]) {
      expect(translated("a", coded(code))).toMatchObject({ code: "archive_unreadable" });
    }
    const other = coded("EIO");
    expect([translated("a", other), translated("a", "text")]).toEqual([other, "text"]);
  });
});
