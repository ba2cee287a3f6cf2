// The signed identity that an app can check: an ES256 JWT (RFC 7519), cached and renewed, not signed per request.
import { type CryptoKey, importJWK, type JWK, SignJWT } from 'jose';
import type { Session } from '#server/core/identity.ts';

export type SigningKeys = { active: { kid: string; privateJwk: JWK }; publicJwks: { keys: JWK[] } };

const LIFETIME_MS = 5 * 60_000;
/** Renewed this long before it ends, so that a slow app never meets an expired one. */
const RENEW_BEFORE_MS = 2 * 60_000;
const MAX_REMEMBERED = 200_000;

type Cached = { token: string; renewAt: number; session: Session };

type Current = { kid: string; key: CryptoKey; jwks: string };

export class AssertionSigner {
  readonly #issuer: string;
  /** By origin, then by session id. */
  readonly #cache = new Map<string, Map<string, Cached>>();
  #remembered = 0;
  #current: Current;

  private constructor(issuer: string, current: Current) {
    this.#issuer = issuer;
    this.#current = current;
  }

  static async create(issuer: string, keys: SigningKeys): Promise<AssertionSigner> {
    return new AssertionSigner(issuer, await read(keys));
  }

  /** Signs with these keys from now on. What was signed before stays good: the key set holds both of a rotation. */
  async use(keys: SigningKeys): Promise<void> {
    this.#current = await read(keys);
  }

  /** The public keys, as a JSON Web Key Set (RFC 7517 §5). */
  get jwks(): string {
    return this.#current.jwks;
  }

  /** The assertion for this session at this origin (`aud`). A value when a fresh one is cached. */
  assertion(session: Session, origin: string, now: number): string | Promise<string> {
    const cached = this.#cache.get(origin)?.get(session.id);
    // A reloaded session is another object: its identity may have changed.
    if (cached && cached.session === session && now < cached.renewAt) return cached.token;
    return this.#sign(session, origin, now);
  }

  async #sign(session: Session, origin: string, now: number): Promise<string> {
    const { identity } = session;
    const { kid, key } = this.#current;
    const issuedAt = Math.floor(now / 1000);
    const token = await new SignJWT({ email: identity.email, name: identity.name, groups: [...identity.groupNames] })
      .setProtectedHeader({ alg: 'ES256', kid, typ: 'JWT' })
      .setIssuer(this.#issuer)
      .setAudience(origin)
      .setSubject(identity.userId)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + LIFETIME_MS / 1000)
      .sign(key);
    this.#remember(origin, session, { token, renewAt: now + LIFETIME_MS - RENEW_BEFORE_MS, session });
    return token;
  }

  #remember(origin: string, session: Session, cached: Cached): void {
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#cache.clear();
      this.#remembered = 0;
    }
    const ofOrigin = this.#cache.get(origin) ?? new Map<string, Cached>();
    this.#cache.set(origin, ofOrigin);
    if (!ofOrigin.has(session.id)) this.#remembered += 1;
    ofOrigin.set(session.id, cached);
  }
}

async function read({ active, publicJwks }: SigningKeys): Promise<Current> {
  const key = await importJWK(active.privateJwk, 'ES256');
  if (key instanceof Uint8Array) throw new Error('The signing key is not an EC key.');
  return { kid: active.kid, key, jwks: JSON.stringify(publicJwks) };
}
