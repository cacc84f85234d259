import { TAR_BLOCK } from "./header.ts";

export interface HeaderFields {
  /** At most 100 bytes. */
  readonly name: Uint8Array;
  readonly linkName?: Uint8Array;
  readonly type: string;
  readonly mode: number;
  /** Below 8 GiB. */
  readonly size: number;
}

/** A POSIX header without owner and time. */
export function writeHeader({ name, linkName, type, mode, size }: HeaderFields): Buffer {
  const block = Buffer.alloc(TAR_BLOCK);
  const octal = (value: number, at: number, length: number): void => {
    block.write(value.toString(8).padStart(length - 1, "0"), at, "latin1");
  };
  block.set(name, 0);
  octal(mode, 100, 8);
  octal(0, 108, 8);
  octal(0, 116, 8);
  octal(size, 124, 12);
  octal(0, 136, 12);
  block.write("        ", 148, "latin1");
  block.write(type, 156, "latin1");
  if (linkName !== undefined) block.set(linkName, 157);
  block.write("ustar\x0000", 257, "latin1");
  octal(
    block.reduce((sum, byte) => sum + byte, 0),
    148,
    7,
  );
  block[154] = 0;
  return block;
}
