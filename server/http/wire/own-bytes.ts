// Bytes of one's own: a part of a buffer is a view, and keeps the whole in memory that it was cut from.

/** The same bytes in memory that holds nothing else: for what may wait for long. */
export function ownBytes(bytes: Uint8Array): Buffer {
  // Not from the pool, which would only be another whole.
  const own = Buffer.allocUnsafeSlow(bytes.length);
  own.set(bytes);
  return own;
}
