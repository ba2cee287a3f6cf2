// Client certificates at rest: the certificate readable, its key sealed for this app and this certificate alone.
import { randomBytes } from 'node:crypto';
import { deriveKey, NONCE_BYTES, open, type SealKey, seal } from '#server/core/seal.ts';
import { type Invalid, invalid } from './saved.ts';
import { type AppInput, upstreamsOf } from './schema/app.ts';
import { certificateId } from './schema/certificate.ts';

/** As a row holds it, in JSON. */
export type StoredCertificate = { cert: string; keySealed: string };

/** `left-out`: the key is looked at, to know whether it opens, and forgotten: `key` is empty. */
export type ClientKeys = { secret: Buffer; mode: 'opened' | 'left-out' };

export type OpenedCertificate =
  /** As the row's schema reads it. */
  { kind: 'opened'; value: unknown } | { kind: 'locked'; problem: string };

/**
 * What to store for each of `upstreamsOf`, in that order. New keys are sealed; a kept one is found among `before`, whichever
 * of the app's upstreams had it, since a route may have been moved.
 */
export function sealCertificates(
  secret: Buffer,
  appId: string,
  app: AppInput,
  before: readonly StoredCertificate[],
): { kind: 'sealed'; certificates: (StoredCertificate | null)[] } | Invalid {
  const errors: Record<string, string> = {};
  const certificates = upstreamsOf(app).map(({ upstream, path }) => {
    const given = upstream.clientCertificate;
    if (given === null) return null;
    if (given.kind === 'new') return sealOne(secret, appId, given);
    const kept = before.find(({ cert }) => certificateId(cert) === given.id);
    if (!kept) errors[`${path}.clientCertificate`] = 'This certificate is not kept here any more. Paste it again.';
    return kept ?? null;
  });
  return Object.keys(errors).length > 0 ? invalid(errors) : { kind: 'sealed', certificates };
}

/** `stored`: a row's JSON, whatever is in it. */
export function openCertificate({ secret, mode }: ClientKeys, appId: string, stored: unknown): OpenedCertificate {
  if (stored === null || stored === undefined) return { kind: 'opened', value: null };
  if (!isStored(stored)) return { kind: 'locked', problem: 'Its client certificate is damaged. Save it again.' };
  const { cert, keySealed } = stored;
  const key = open(sealKey(secret, appId, cert), keySealed);
  if (!key) {
    const problem =
      'The key of its client certificate was sealed under another FOYER_SECRET_KEY, or for another app. Enter it again.';
    return { kind: 'locked', problem };
  }
  return { kind: 'opened', value: { kind: 'new', cert, key: mode === 'opened' ? key.toString('utf8') : '' } };
}

export function isStored(value: unknown): value is StoredCertificate {
  return (
    typeof value === 'object' &&
    value !== null &&
    'cert' in value &&
    typeof value.cert === 'string' &&
    'keySealed' in value &&
    typeof value.keySealed === 'string'
  );
}

function sealOne(secret: Buffer, appId: string, { cert, key }: { cert: string; key: string }): StoredCertificate {
  return {
    cert,
    keySealed: seal(sealKey(secret, appId, cert), randomBytes(NONCE_BYTES), Buffer.from(key, 'utf8')),
  };
}

function sealKey(secret: Buffer, appId: string, cert: string): SealKey {
  return deriveKey(secret, 'client-certificate/1', appId, certificateId(cert));
}
