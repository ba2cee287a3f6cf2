// Whether browsers take the certificate of a public name, and whether its authority may issue the next one (RFC 8659).
import { caaDomainsOf, decidingTag, strangeTag, whoMayIssue } from './caa.ts';
import { about, type PublicNameFacts } from './names-facts.ts';
import { findingOf, type NamesFinding } from './names-finding.ts';

export function judgeIssuance(name: PublicNameFacts): NamesFinding[] {
  return [...certificateOf(name), ...caaOf(name)];
}

function certificateOf(name: PublicNameFacts): NamesFinding[] {
  const { certificate, host } = name;
  if (certificate === null || certificate.coveredBy !== null || name.subject.kind === 'gateway') return [];
  return [
    findingOf(
      'certificate-name',
      about(name),
      `No certificate covers ${host} (they cover ${certificate.names.join(', ')}): browsers refuse it. Add one to FOYER_TLS_CERTS.`,
    ),
  ];
}

function caaOf(name: PublicNameFacts): NamesFinding[] {
  const { caa, certificate, host } = name;
  if (caa === null || caa.kind === 'none') return [];
  if (caa.kind === 'failed')
    return [
      findingOf(
        'caa-failed',
        about(name),
        `The CAA records of ${host} cannot be looked up: an authority that cannot either refuses to issue. Look at the zone’s name servers.`,
      ),
    ];
  const isWildcard = certificate?.coveredBy?.startsWith('*.') ?? false;
  const strange = strangeTag(caa.records);
  // One more record would change nothing.
  if (strange !== null)
    return [
      findingOf(
        'caa-nobody',
        about(name),
        `A CAA record of ${caa.at} is critical and of a kind that Foyer does not know (${strange}): an authority that does not know it either refuses to issue a certificate for ${host}. Ask yours, or remove the record.`,
      ),
    ];
  const may = whoMayIssue(caa.records, isWildcard);
  const tag = decidingTag(caa.records, isWildcard);
  const domains = certificate && caaDomainsOf(certificate.issuer);
  const [wanted] = domains ?? [];
  const record = wanted ? { name: caa.at, type: 'CAA', value: `0 ${tag} "${wanted}"`, ttlSeconds: 3_600 } : null;
  if (may.kind === 'nobody')
    return [
      findingOf(
        'caa-nobody',
        about(name),
        `The CAA records of ${caa.at} let no authority issue a certificate for ${host}: the next renewal is refused. Name yours there.`,
        record,
      ),
    ];
  if (may.kind === 'anyone' || !domains || domains.some((domain) => may.issuers.includes(domain))) return [];
  return [
    findingOf(
      'caa-forbids',
      about(name),
      `The CAA records of ${caa.at} let ${may.issuers.join(', ')} issue certificates for ${host}, and its certificate is from ${wanted ?? '–'}: the next renewal is refused. Add the record.`,
      record,
    ),
  ];
}
