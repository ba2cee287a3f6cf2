// Which certificate a gateway shows for a name, from the files that it is configured with.
import { X509Certificate } from 'node:crypto';
import type { Hostname } from '#server/core/hostname.ts';
import type { CertificateNames } from '#server/core/names-facts.ts';
import { loadCertificates, selectCertificate } from '../../certs/files.ts';
import type { Config } from '../../config.ts';

/** Null where no certificate is Foyer's to show: TLS ends in front of it, or the files cannot be used. */
export type CertificateOf = (host: Hostname) => CertificateNames | null;

/** Reads the files once. */
export function shownCertificates({ certificates }: Pick<Config, 'certificates'>, now: number): CertificateOf {
  const loaded = certificates.length === 0 ? null : loadCertificates(certificates, now);
  if (loaded?.kind !== 'loaded') return () => null;
  const issuers = new Map(loaded.certificates.map((each) => [each, new X509Certificate(each.pem.cert).issuer]));
  const all = [...new Set(loaded.certificates.flatMap(({ names }) => names))];
  return (host) => {
    const shown = selectCertificate(loaded.certificates, host);
    const wildcard = `*${host.slice(host.indexOf('.'))}`;
    const coveredBy = shown.names.find((name) => name === host) ?? shown.names.find((name) => name === wildcard);
    return { names: all, issuer: issuers.get(shown) ?? '', coveredBy: coveredBy ?? null };
  };
}
