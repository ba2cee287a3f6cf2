// HTTP/2 frames by hand, for what no client library sends.

export function frame(type: number, flags: number, stream: number, payload: Buffer = Buffer.alloc(0)): Buffer {
  const headBytes = Buffer.alloc(9);
  headBytes.writeUIntBE(payload.length, 0, 3);
  headBytes[3] = type;
  headBytes[4] = flags;
  headBytes.writeUInt32BE(stream, 5);
  return Buffer.concat([headBytes, payload]);
}

/** Header fields as HPACK literals without indexing (RFC 7541 §6.2.2). */
export function literals(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(
    fields.flatMap(([name, value]) => {
      const nameBytes = Buffer.from(name, 'latin1');
      const valueBytes = Buffer.from(value, 'latin1');
      return [Buffer.from([0]), integer(nameBytes.length), nameBytes, integer(valueBytes.length), valueBytes];
    }),
  );
}

function integer(value: number): Buffer {
  if (value < 127) return Buffer.from([value]);
  const bytes = [127];
  let left = value - 127;
  for (; left >= 128; left >>= 7) bytes.push((left & 127) | 128);
  return Buffer.from([...bytes, left]);
}

/** The connection preface with empty SETTINGS (RFC 9113 §3.4). */
export const PREFACE = Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), frame(4, 0, 0)]);
