/** Records of a pax header: `length SP key = value LF`, the length in decimal, over the whole record. Null when they are damaged. */
export function parsePax(body: Buffer): ReadonlyMap<string, Buffer> | null {
  const records = new Map<string, Buffer>();
  for (let at = 0; at < body.length;) {
    const space = body.indexOf(0x20, at);
    const digits = space < 0 ? "" : body.toString("latin1", at, space);
    if (!/^[1-9]\d{0,9}$/.test(digits)) return null;
    const end = at + Number(digits);
    const equals = body.indexOf(0x3d, space);
    if (end > body.length || body[end - 1] !== 0x0a || equals < 0 || equals >= end) return null;
    records.set(body.toString("utf8", space + 1, equals), Buffer.from(body.subarray(equals + 1, end - 1)));
    at = end;
  }
  return records;
}

export function writePax(records: readonly (readonly [key: string, value: Uint8Array])[]): Buffer {
  return Buffer.concat(
    records.flatMap(([key, value]) => {
      const rest = Buffer.concat([Buffer.from(` ${key}=`), value, Buffer.from("\n")]);
      // The length counts its own digits.
      let length = rest.length + 1;
      while (String(length).length + rest.length !== length) length = String(length).length + rest.length;
      return [Buffer.from(String(length)), rest];
    }),
  );
}
