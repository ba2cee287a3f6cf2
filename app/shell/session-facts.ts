// What the frame says of a session: whose it is, how they signed in, on what, and until when.
import type { Session, SessionKind } from '#server/core/identity.ts';
import { LOCAL_ISSUER } from '#server/store/words.ts';

export type SessionFacts = {
  name: string;
  email: string;
  /** The provider's host name; null for a password of Foyer's own. */
  provider: string | null;
  kind: SessionKind;
  /** Epoch milliseconds. */
  expiresAt: number;
  idleHours: number;
  readAt: number;
};

export function sessionFacts({ identity, kind, expiresAt, idleTimeoutMs }: Session, readAt: number): SessionFacts {
  const { name, email, issuer } = identity;
  const provider = issuer === LOCAL_ISSUER ? null : (URL.parse(issuer)?.host ?? issuer);
  return { name, email, provider, kind, expiresAt, idleHours: Math.round(idleTimeoutMs / 3_600_000), readAt };
}
