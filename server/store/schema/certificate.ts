// Certificates and keys as people paste them: PEM (RFC 7468), read whole or refused with a sentence.
import { createHash, createPrivateKey, type KeyObject, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import type { ClientCertificate } from '#server/core/app.ts';
import { read } from './field.ts';

/** `kept`: the one that the app has already, whose key stays where it is. */
export type CertificateInput = { kind: 'kept'; id: string } | ({ kind: 'new' } & ClientCertificate);

const MAX_PEM_LENGTH = 200_000;

/** One certificate or more. */
export const certificates: z.ZodType<string> = read(
  readCertificates,
  'This is no certificate. Paste the whole block, from BEGIN to END CERTIFICATE.',
  MAX_PEM_LENGTH,
);

/** SHA-256 of one certificate: its 64 digits, or the certificate itself. */
export const fingerprint: z.ZodType<string> = read(
  readFingerprint,
  'This is neither a certificate nor its SHA-256. Paste one of them.',
  MAX_PEM_LENGTH,
);

/** From a form: the pair is checked. Whether it has expired is for whoever knows the time. */
export const pastedCertificate: z.ZodType<CertificateInput> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('kept'), id: z.string().regex(/^[0-9a-f]{64}$/) }),
  z
    .strictObject({ kind: z.literal('new'), cert: certificates, key: z.string().max(MAX_PEM_LENGTH) })
    .transform((pair, context) => {
      const key = readKey(pair.cert, pair.key);
      if (key.kind === 'key') return { ...pair, key: key.pem };
      context.addIssue({ code: 'custom', path: ['key'], message: key.problem });
      return z.NEVER;
    }),
]);

/** From a row: it was checked when it was sealed, and a seal that opens says that nobody changed it since. */
export const sealedCertificate: z.ZodType<CertificateInput> = z.strictObject({
  kind: z.literal('new'),
  cert: z.string(),
  key: z.string(),
});

/** Which certificate it is: SHA-256 of its normalised text, lower-case hex. */
export function certificateId(pem: string): string {
  return createHash('sha256').update(pem).digest('hex');
}

/** Epoch milliseconds of the end of a normalised PEM's first certificate. */
export function expiryOf(pem: string): number {
  return new X509Certificate(pem).validToDate.getTime();
}

/** What a person recognises a certificate by: its common name, or all of its subject. */
export function subjectOf(pem: string): string {
  const { subject, subjectAltName } = new X509Certificate(pem);
  const lines = (subject ?? '').split('\n');
  return (
    lines.find((line) => line.startsWith('CN='))?.slice(3) ?? (lines.join(', ') || subjectAltName || 'without a name')
  );
}

type ReadKey = { kind: 'key'; pem: string } | { kind: 'bad'; problem: string };

function readKey(cert: string, text: string): ReadKey {
  if (text.trim() === '') return bad('The private key is missing. Paste it too; it is sealed and never shown again.');
  if (/ENCRYPTED/.test(text)) {
    return bad(
      'This key is locked with a passphrase. Remove it with `openssl pkey -in key.pem`, and paste the result.',
    );
  }
  const key = privateKeyOf(text);
  if (key === null) return bad('This is no private key. Paste the whole block, from BEGIN to END PRIVATE KEY.');
  if (!new X509Certificate(cert).checkPrivateKey(key)) {
    return bad(
      'This key belongs to another certificate than the first one above. Paste the pair that belongs together.',
    );
  }
  return { kind: 'key', pem: key.export({ type: 'pkcs8', format: 'pem' }).toString() };
}

function bad(problem: string): ReadKey {
  return { kind: 'bad', problem };
}

function privateKeyOf(text: string): KeyObject | null {
  const block = /-----BEGIN ([A-Z ]*PRIVATE KEY)-----[A-Za-z0-9+/=\s]+-----END \1-----/.exec(text);
  try {
    return block && createPrivateKey(block[0]);
  } catch {
    return null;
  }
}

/** One or more certificates, nothing else, in PEM (RFC 7468 §5). */
function readCertificates(text: string): string | null {
  const blocks = text.match(PEM_BLOCK) ?? [];
  if (blocks.length === 0 || text.replace(PEM_BLOCK, '').trim() !== '') return null;
  return blocks.every((block) => certificateOf(block) !== null) ? `${blocks.join('\n')}\n` : null;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function readFingerprint(text: string): string | null {
  const digits = text.replace(/[:\s]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  const certificate = readCertificates(text) === null ? null : certificateOf(text);
  return certificate && createHash('sha256').update(certificate.raw).digest('hex');
}

function certificateOf(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
