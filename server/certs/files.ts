// Certificate files for the listening sockets: read, checked, and chosen by SNI.
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext, type SecureContext } from 'node:tls';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';

/** One chain with its key, ready for TLS. `names` are the DNS names of the leaf, wildcards (`*.example.com`) included. */
export type Certificate = {
  file: string;
  keyFile: string;
  names: readonly string[];
  validFrom: number;
  validTo: number;
  context: SecureContext;
  /** The same as text, for the clients that send no name and get the first certificate. */
  pem: { cert: string; key: string };
};

/** One pair as it was read: what the file names say, and PEM. */
export type CertificateTexts = { certFile: string; keyFile: string; cert: string; key: string };

export type LoadedCertificates =
  | { kind: 'loaded'; certificates: readonly [Certificate, ...Certificate[]]; warnings: readonly string[] }
  /** One sentence a problem: which file, what is wrong, what to do. Nothing of it may be used. */
  | { kind: 'invalid'; problems: readonly string[] };

const SOON_MS = 14 * 24 * 60 * 60_000;

/** Reads every pair. All of them, or none: a half-loaded set would serve the wrong certificate to somebody. */
export function loadCertificates(
  files: readonly { certFile: string; keyFile: string }[],
  now: number,
): LoadedCertificates {
  return together(files.map((pair) => readPair(pair, now)));
}

/** The same of pairs that were read before, for instance by another process. */
export function certificatesFrom(texts: readonly CertificateTexts[], now: number): LoadedCertificates {
  return together(texts.map((pair) => understandPair(pair, now)));
}

export function textsOf(certificates: readonly Certificate[]): CertificateTexts[] {
  return certificates.map(({ file, keyFile, pem }) => ({ certFile: file, keyFile, ...pem }));
}

function together(read: readonly ReadPair[]): LoadedCertificates {
  const problems = read.flatMap((result) => (result.kind === 'invalid' ? [result.problem] : []));
  const [first, ...rest] = read.flatMap((result) => (result.kind === 'certificate' ? [result] : []));
  if (problems.length > 0) return { kind: 'invalid', problems };
  if (!first) return { kind: 'invalid', problems: ['No certificate is configured: name one in FOYER_TLS_CERTS.'] };
  return {
    kind: 'loaded',
    certificates: [first.certificate, ...rest.map((result) => result.certificate)],
    warnings: [first, ...rest].flatMap((result) => result.warnings),
  };
}

/** The certificate for a name: an exact one, else a wildcard of its parent, else the first (RFC 6066 §3, RFC 9525 §6.3). */
export function selectCertificate(
  certificates: readonly [Certificate, ...Certificate[]],
  servername: Hostname | null,
): Certificate {
  if (servername === null) return certificates[0];
  return (
    certificates.find((certificate) => certificate.names.includes(servername)) ??
    certificates.find((certificate) => covers(certificate, servername)) ??
    certificates[0]
  );
}

/** Reports whether a certificate is good for a host name. A wildcard stands for exactly one label. */
export function covers(certificate: Certificate, hostname: Hostname): boolean {
  const dot = hostname.indexOf('.');
  return certificate.names.includes(hostname) || (dot !== -1 && certificate.names.includes(`*${hostname.slice(dot)}`));
}

type ReadPair =
  | { kind: 'certificate'; certificate: Certificate; warnings: string[] }
  | { kind: 'invalid'; problem: string };

function readPair({ certFile, keyFile }: { certFile: string; keyFile: string }, now: number): ReadPair {
  const cert = readPem(certFile);
  const key = readPem(keyFile);
  if (cert.kind === 'invalid') return cert;
  if (key.kind === 'invalid') return key;
  return understandPair({ certFile, keyFile, cert: cert.pem, key: key.pem }, now);
}

function understandPair({ certFile, keyFile, cert, key }: CertificateTexts, now: number): ReadPair {
  try {
    const leaf = new X509Certificate(cert);
    if (!leaf.checkPrivateKey(createPrivateKey(key))) {
      return invalid(
        `The key ${keyFile} does not belong to the first certificate in ${certFile}: put the server’s own certificate first, and name its key.`,
      );
    }
    const names = dnsNames(leaf);
    if (names.length === 0)
      return invalid(`The certificate ${certFile} names no host: issue one with subject alternative names.`);
    const validFrom = Date.parse(leaf.validFrom);
    const validTo = Date.parse(leaf.validTo);
    const context = createSecureContext({ cert, key, minVersion: 'TLSv1.2' });
    const certificate = { file: certFile, keyFile, names, validFrom, validTo, context, pem: { cert, key } };
    return {
      kind: 'certificate',
      certificate,
      warnings: [...dateWarnings(certificate, now), ...chainWarnings(certFile, cert)],
    };
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return invalid(
      `The certificate ${certFile} and its key ${keyFile} cannot be used (${why}): give PEM files, the key without a passphrase.`,
    );
  }
}

function readPem(file: string): { kind: 'pem'; pem: string } | { kind: 'invalid'; problem: string } {
  try {
    return { kind: 'pem', pem: readFileSync(file, 'utf8') };
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : String(error);
    return invalid(`The file ${file} cannot be read (${code}): check its path and that Foyer’s user may read it.`);
  }
}

function dnsNames(leaf: X509Certificate): string[] {
  const entries = (leaf.subjectAltName ?? '').split(/,\s*/).filter((entry) => entry.startsWith('DNS:'));
  return entries.flatMap((entry) => {
    const name = entry.slice(4).toLowerCase();
    const parsed = parseHostname(name.startsWith('*.') ? name.slice(2) : name);
    return parsed ? [name.startsWith('*.') ? `*.${parsed}` : parsed] : [];
  });
}

function dateWarnings({ file, validFrom, validTo }: Certificate, now: number): string[] {
  const end = new Date(validTo).toISOString();
  if (now > validTo)
    return [`The certificate ${file} expired on ${end}: browsers refuse it. Renew it and send SIGHUP.`];
  if (now < validFrom)
    return [`The certificate ${file} is not valid before ${new Date(validFrom).toISOString()}: check the clock.`];
  if (validTo - now < SOON_MS) return [`The certificate ${file} expires on ${end}: renew it and send SIGHUP.`];
  return [];
}

/** RFC 8446 §4.4.2: each certificate certifies the one before it. Browsers mend a wrong order, other programs do not. */
function chainWarnings(file: string, pem: string): string[] {
  const chain = (pem.match(PEM_BLOCK) ?? []).map((block) => new X509Certificate(block));
  const at = chain.findIndex((certificate, index) => {
    const issuer = chain[index + 1];
    return issuer !== undefined && !certificate.checkIssued(issuer);
  });
  if (at === -1) return [];
  return [
    `In ${file}, certificate ${at + 2} did not issue certificate ${at + 1}: put the server’s own first, then each one’s issuer.`,
  ];
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

function invalid(problem: string): { kind: 'invalid'; problem: string } {
  return { kind: 'invalid', problem };
}
