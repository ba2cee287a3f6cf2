// The doctor looks at the certificates: do they load, are their dates right, do they cover the portal and every app.
import { upstreamCaProblem } from '../certificates.ts';
import { type Certificate, covers, loadCertificates } from '../certs/files.ts';
import type { Config } from '../config.ts';
import type { Hostname } from '../core/hostname.ts';
import { error, type Finding, ok, warning } from './finding.ts';

export function checkCertificates(config: Config, hosts: readonly Hostname[], now: number): Finding[] {
  if (config.certificates.length === 0) return [];
  const loaded = loadCertificates(config.certificates, now);
  if (loaded.kind === 'invalid') return loaded.problems.map((problem) => error('certificate', problem));
  const dates = loaded.certificates.map(checkDates(now));
  const warned = loaded.warnings.filter((sentence) => !/ expire[sd] on | is not valid before /.test(sentence));
  const missing = hosts.filter((host) => !loaded.certificates.some((certificate) => covers(certificate, host)));
  const names = [...new Set(loaded.certificates.flatMap((certificate) => certificate.names))].join(', ');
  return [
    ...dates,
    ...warned.map((sentence) => warning('certificate', sentence)),
    ...missing.map((host) =>
      error(
        'certificate-name',
        `No certificate covers ${host} (they cover ${names}): browsers will refuse it. Add a certificate for it to FOYER_TLS_CERTS.`,
      ),
    ),
    ...(missing.length === 0 ? [ok('certificate-name', `The certificates cover all ${hosts.length} host names.`)] : []),
  ];
}

export function checkUpstreamCa(file: string | null): Finding[] {
  if (file === null) return [];
  const problem = upstreamCaProblem(file);
  return [
    problem === null
      ? ok('upstream-ca', `The authorities in ${file} are trusted beside the system’s.`)
      : error('upstream-ca', problem),
  ];
}

function checkDates(now: number): (certificate: Certificate) => Finding {
  return ({ file, validFrom, validTo }) => {
    const end = new Date(validTo).toISOString().slice(0, 10);
    const days = Math.floor((validTo - now) / 86_400_000);
    if (now > validTo)
      return error('certificate-date', `${file} expired on ${end}: renew it, then send Foyer a SIGHUP.`);
    if (now < validFrom)
      return error('certificate-date', `${file} is not valid yet: check the clock, or the certificate.`);
    if (days < 14)
      return warning(
        'certificate-date',
        `${file} expires on ${end}, in ${days} days: renew it, then send Foyer a SIGHUP.`,
      );
    return ok('certificate-date', `${file} is valid until ${end}.`);
  };
}
