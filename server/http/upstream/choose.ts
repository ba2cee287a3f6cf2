// Which endpoint a request prefers: the same one for the same key as long as it is well, and all of them equally often over all keys.

/** FNV-1a, 32 bits: fast and even; nothing secret rests on it. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i += 1) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash >>> 0;
}

/**
 * How much a key likes an endpoint (rendezvous hashing): the highest score wins. When an endpoint goes, only its own keys
 * move; when it comes back, only they return.
 */
export function score(key: number, endpoint: number): number {
  let mixed = key ^ endpoint;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) >>> 0;
}
