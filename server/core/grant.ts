// The grant: the sealed, expiring cookie of one session on one app's host.
import type { Hostname } from './hostname.ts';
import { deriveKey, open, type SealKey, seal } from './seal.ts';

/** Proves which session and which app; permission is decided anew on every request. Times are epoch milliseconds. */
export type Grant = { sessionId: string; appId: string; host: Hostname; issuedAt: number; expiresAt: number };

/** One key per app and host: a grant of one is noise at another. `tag` (8 characters, public) tells whose a grant is. */
export type GrantKey = { key: SealKey; tag: string };

export function grantKey(secret: Buffer, appId: string, host: Hostname): GrantKey {
  return { key: deriveKey(secret, 'grant/1', appId, host), tag: tagFor(secret, appId, host) };
}

/** The tag of one app and host. */
export function tagFor(secret: Buffer, appId: string, host: Hostname): string {
  return deriveKey(secret, 'grant-tag/1', appId, host).toString('base64url', 0, 6);
}

/** The tag a grant carries, whoever made it. */
export function grantTag(sealed: string): string {
  return sealed.slice(0, TAG_CHARACTERS);
}

/** Session ids are UUIDs, so the cookie's value stays under 100 characters. */
export function sealGrant({ key, tag }: GrantKey, nonce: Buffer, grant: Grant): string {
  const plain = Buffer.alloc(32);
  Buffer.from(grant.sessionId.replaceAll('-', ''), 'hex').copy(plain, 0);
  plain.writeBigUInt64BE(BigInt(grant.issuedAt), 16);
  plain.writeBigUInt64BE(BigInt(grant.expiresAt), 24);
  return tag + seal(key, nonce, plain);
}

export type OpenedGrant =
  | { kind: 'grant'; grant: Grant }
  /** Not sealed for this app and host, or not by us at all. */
  | { kind: 'invalid' }
  /** `over`: the session of a grant that has ended; null for one from the future, whose clock was set back. */
  | { kind: 'expired'; over: string | null };

/** `appId` and `host` are those of the key: the 32 bytes inside hold the session's id and the two times. Never throws, whatever `sealed` is. */
export function openGrant(
  { key, tag }: GrantKey,
  sealed: string,
  appId: string,
  host: Hostname,
  now: number,
): OpenedGrant {
  const plain = grantTag(sealed) === tag ? open(key, sealed.slice(TAG_CHARACTERS)) : null;
  if (plain?.length !== 32) return { kind: 'invalid' };
  const issuedAt = Number(plain.readBigUInt64BE(16));
  const expiresAt = Number(plain.readBigUInt64BE(24));
  if (now >= expiresAt) return { kind: 'expired', over: uuid(plain) };
  if (issuedAt > now + CLOCK_LEEWAY_MS) return { kind: 'expired', over: null };
  return { kind: 'grant', grant: { sessionId: uuid(plain), appId, host, issuedAt, expiresAt } };
}

const CLOCK_LEEWAY_MS = 60_000;
const TAG_CHARACTERS = 8;

function uuid(bytes: Buffer): string {
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
