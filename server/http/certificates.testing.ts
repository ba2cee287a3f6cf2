// Two certificates chosen by SNI, for tests: one for wiki, board and the portal, one for the other hosts.
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import { createSecureContext } from 'node:tls';
import { SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509';
import type { Certificates } from './listen.ts';

const FIRST_NAMES = ['portal.test', 'wiki.test', 'board.test', 'cdn.wiki.test'];
const SECOND_NAMES = ['other.test', 'bank.test'];
const ALGORITHM = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const;

let made: Promise<Certificates> | null = null;

export function certificatesForTests(): Promise<Certificates> {
  made ??= make();
  return made;
}

async function make(): Promise<Certificates> {
  const first = { names: FIRST_NAMES, ...(await certify(FIRST_NAMES)) };
  const second = { names: SECOND_NAMES, ...(await certify(SECOND_NAMES)) };
  const choose = (servername: string | null) =>
    servername !== null && second.names.includes(servername) ? second : first;
  return {
    first: { ...first.pem, ticketKeys: randomBytes(48) },
    contextFor: (servername) => choose(servername).context,
    covers: (servername, hostname) => choose(servername).names.includes(hostname),
  };
}

async function certify(names: readonly string[]) {
  const keys = await crypto.subtle.generateKey(ALGORITHM, true, ['sign', 'verify']);
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: `CN=${names[0]}`,
    keys,
    notBefore: new Date(Date.now() - 86_400_000),
    notAfter: new Date(Date.now() + 86_400_000),
    signingAlgorithm: ALGORITHM,
    extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: 'dns' as const, value })))],
  });
  const der = await crypto.subtle.exportKey('pkcs8', keys.privateKey);
  const key = `-----BEGIN PRIVATE KEY-----\n${Buffer.from(der).toString('base64')}\n-----END PRIVATE KEY-----\n`;
  const pem = { cert: certificate.toString('pem'), key };
  return { pem, context: createSecureContext({ ...pem, minVersion: 'TLSv1.2' }) };
}
