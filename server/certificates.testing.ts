// Certificates for tests: an authority, and leaves with any names and dates.
import 'reflect-metadata';
import { createHash } from 'node:crypto';
import { isIP } from 'node:net';
import {
  BasicConstraintsExtension,
  type GeneralNameType,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

export type Leaf = { key: string; cert: string; sha256: string };

export type Authority = { pem: string; issue(options: { names: readonly string[]; notAfter?: Date }): Promise<Leaf> };

const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;
const DAY_MS = 86_400_000;

export async function createAuthority(name: string): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const subject = `CN=${name}`;
  const authority = await X509CertificateGenerator.createSelfSigned({
    name: subject,
    keys,
    notBefore: new Date(Date.now() - 10 * DAY_MS),
    notAfter: new Date(Date.now() + DAY_MS),
    signingAlgorithm: ALGORITHM,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  });
  return {
    pem: authority.toString('pem'),
    async issue({ names, notAfter = new Date(Date.now() + DAY_MS) }) {
      const leafKeys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
      const san = names.map((value) => ({ type: (isIP(value) === 0 ? 'dns' : 'ip') as GeneralNameType, value }));
      const leaf = await X509CertificateGenerator.create({
        subject: 'CN=leaf',
        issuer: subject,
        publicKey: leafKeys.publicKey,
        signingKey: keys.privateKey,
        notBefore: new Date(Date.now() - 5 * DAY_MS),
        notAfter,
        signingAlgorithm: ALGORITHM,
        extensions: [new SubjectAlternativeNameExtension(san)],
      });
      const der = await crypto.subtle.exportKey('pkcs8', leafKeys.privateKey);
      const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PRIVATE KEY-----\n`;
      const sha256 = createHash('sha256').update(Buffer.from(leaf.rawData)).digest('hex');
      return { key, cert: leaf.toString('pem'), sha256 };
    },
  };
}
