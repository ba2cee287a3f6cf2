// A certificate and its key in PEM, made for one test.
import 'reflect-metadata';
import { X509CertificateGenerator } from '@peculiar/x509';
import type { ClientCertificate } from '#server/core/app.ts';

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

/** `now`: epoch milliseconds; the pair is good for `days` from then. */
export async function certificatePair(name: string, now: number, days = 30): Promise<ClientCertificate> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${name}`,
    keys,
    notBefore: new Date(now - 365 * DAY_MS),
    notAfter: new Date(now + days * DAY_MS),
    signingAlgorithm: ALGORITHM,
  });
  const der = Buffer.from(await crypto.subtle.exportKey('pkcs8', keys.privateKey)).toString('base64');
  const lines = der.match(/.{1,64}/g)?.join('\n');
  return {
    cert: `${certificate.toString('pem').trim()}\n`,
    key: `-----BEGIN PRIVATE KEY-----\n${lines}\n-----END PRIVATE KEY-----\n`,
  };
}
