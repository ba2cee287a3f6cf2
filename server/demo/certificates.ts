// The certificates of `foyer demo --https`: an authority of the demo's own and one certificate, kept in its data directory.
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createAuthority, issueCertificate } from '#server/certs/authority.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { makeFolder } from '#server/make-folder.ts';

export type DemoCertificates = { caFile: string; certFile: string; keyFile: string };

const RENEW_BEFORE_MS = 30 * 24 * 60 * 60_000;

/** The authority stays the same as long as it can, since a browser may trust it by now. */
export async function keepDemoCertificates(
  dataDir: string,
  parent: Hostname,
  names: readonly [Hostname, ...Hostname[]],
  now: number,
): Promise<DemoCertificates> {
  const folder = join(dataDir, 'certificates');
  makeFolder(folder);
  const file = (name: string) => join(folder, name);
  const files = { caFile: file('authority.pem'), certFile: file('server.pem'), keyFile: file('server.key') };
  const caKeyFile = file('authority.key');
  if (!isGood(files.caFile, caKeyFile, [], now)) {
    const made = await createAuthority('Foyer demo authority', parent, now);
    write(caKeyFile, made.keyPem);
    write(files.caFile, made.certPem);
  }
  const authority = { certPem: readFileSync(files.caFile, 'utf8'), keyPem: readFileSync(caKeyFile, 'utf8') };
  if (!isGood(files.certFile, files.keyFile, names, now) || !isIssuedBy(files.certFile, authority.certPem)) {
    const issued = await issueCertificate(authority, names, now);
    write(files.keyFile, issued.keyPem);
    write(files.certFile, issued.certPem);
  }
  return files;
}

function isGood(certFile: string, keyFile: string, names: readonly Hostname[], now: number): boolean {
  if (!existsSync(certFile) || !existsSync(keyFile)) return false;
  const certificate = new X509Certificate(readFileSync(certFile));
  const isLasting = Date.parse(certificate.validTo) - now > RENEW_BEFORE_MS;
  return isLasting && names.every((name) => certificate.checkHost(name) !== undefined);
}

function isIssuedBy(certFile: string, authorityPem: string): boolean {
  return new X509Certificate(readFileSync(certFile)).checkIssued(new X509Certificate(authorityPem));
}

function write(file: string, text: string): void {
  writeFileSync(file, text, { mode: 0o600 });
}
