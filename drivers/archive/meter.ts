import type { ArchiveLimits } from "./limits.ts";
import { printable, tooLarge } from "./refusal.ts";

/** Counts what an archive costs while it is read; each call throws InputError("archive_too_large") beyond a limit. */
export interface Meter {
  packed(bytes: number): void;
  unpacked(bytes: number): void;
  /** An entry of any kind, with the size that it claims. */
  entry(path: string | Uint8Array, bytes: number): void;
}

export function createMeter(archive: string, limits: ArchiveLimits): Meter {
  let packedBytes = 0;
  let unpackedBytes = 0;
  let entries = 0;
  return {
    packed(bytes) {
      packedBytes += bytes;
      if (packedBytes > limits.archiveBytes)
        throw tooLarge(archive, `it has more than ${inWords(limits.archiveBytes)}, which is the most allowed.`);
    },
    unpacked(bytes) {
      unpackedBytes += bytes;
      if (unpackedBytes > limits.unpackedBytes) {
        throw tooLarge(archive, `unpacked it has more than ${inWords(limits.unpackedBytes)}, which is the most allowed.`);
      }
      if (unpackedBytes > limits.ratioFromBytes && unpackedBytes > limits.ratio * packedBytes) {
        throw tooLarge(
          archive,
          `it unpacks to more than ${limits.ratio} times its size, as archives do that are made to fill a disk.`,
          "If that is really what the repository holds, leave out the files that are almost empty, such as images of disks.",
        );
      }
    },
    entry(path, bytes) {
      entries += 1;
      if (entries > limits.entries)
        throw tooLarge(archive, `it has more than ${limits.entries.toLocaleString("en")} entries, which is the most allowed.`);
      if (bytes > limits.fileBytes) {
        throw tooLarge(
          archive,
          `${printable(path)} has ${inWords(bytes)}; the most that one file may have is ${inWords(limits.fileBytes)}.`,
        );
      }
    },
  };
}

const UNITS = ["bytes", "KiB", "MiB", "GiB", "TiB"];

export function inWords(bytes: number): string {
  const unit = Math.min(UNITS.length - 1, Math.floor(Math.log2(Math.max(bytes, 1)) / 10));
  return `${Number((bytes / 1024 ** unit).toFixed(1))} ${UNITS[unit]}`;
}
