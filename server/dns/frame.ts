// Messages on a stream: each behind its own length (RFC 1035 §4.2.2).

/** One buffer, so that length and message share a segment (RFC 7766 §8). Throws a RangeError above 65,535 octets. */
export function framed(message: Uint8Array): Buffer {
  const frame = Buffer.allocUnsafe(2 + message.length);
  frame.writeUInt16BE(message.length, 0);
  frame.set(message, 2);
  return frame;
}

/** Gives what was complete after each chunk; a rest waits for the next. Never more than one message is kept. */
export function frameReader(): (chunk: Buffer) => Buffer[] {
  let pending: Buffer[] = [];
  let length = 0;
  let needed = 2;
  return (chunk) => {
    pending.push(chunk);
    length += chunk.length;
    // Joined only when there is enough, so that single bytes cost no more than their number.
    if (length < needed) return [];
    let bytes = pending.length === 1 ? chunk : Buffer.concat(pending, length);
    const messages: Buffer[] = [];
    while (bytes.length >= 2) {
      const end = 2 + bytes.readUInt16BE(0);
      if (bytes.length < end) break;
      messages.push(bytes.subarray(2, end));
      bytes = bytes.subarray(end);
    }
    pending = bytes.length === 0 ? [] : [bytes];
    length = bytes.length;
    needed = length >= 2 ? 2 + bytes.readUInt16BE(0) : 2;
    return messages;
  };
}
