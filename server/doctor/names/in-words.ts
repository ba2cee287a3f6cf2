// What the DNS doctor found, as `foyer doctor` prints it: a line for each finding, and one for each public name that is right.
import type { PublicNameFacts } from '#server/core/names-facts.ts';
import { type NamesCode, zoneLine } from '#server/core/names-finding.ts';
import { type Finding, ok, warning } from '../finding.ts';
import type { NamesCheck } from './check.ts';

/** Said by other checks of `foyer doctor`, with more to it. */
const SAID_ELSEWHERE: readonly NamesCode[] = ['certificate-name', 'private-server-silent'];

export function namesInWords({ findings, isComplete, publicNames }: NamesCheck): Finding[] {
  const isLocal = publicNames.length > 0 && publicNames.every(({ dns }) => dns.lookup.kind === 'localhost');
  const wrong = new Set(findings.map(({ name }) => name));
  // Without an answer, or without a gateway's name, nobody can say what is right.
  const isKnown = !findings.some(({ code }) => code === 'public-dns-silent' || code === 'gateway-unnamed');
  const right = isKnown && !isLocal ? publicNames.filter(({ host }) => !wrong.has(host)) : [];
  return [
    ...(isLocal
      ? [ok('public-name', 'Names under localhost lead to this machine by themselves: no DNS record is needed.')]
      : right.map(inWords)),
    ...findings
      .filter(({ code }) => !SAID_ELSEWHERE.includes(code))
      .map(({ code, level, record, sentence }) => ({
        level,
        check: code,
        sentence,
        ...(record ? { record: zoneLine(record) } : {}),
      })),
    ...(isComplete
      ? []
      : [warning('public-name', 'The time was over before every name was looked at: look at DNS first.')]),
  ];
}

function inWords({ dns, host, subject }: PublicNameFacts): Finding {
  const alias = dns.lookup.hops.find(({ name, type }) => name === host && type === 'CNAME');
  if (alias) return ok('public-name', `${host} is a CNAME of ${alias.value}.`);
  const where = subject.kind === 'gateway' ? dns.lookup.addresses.join(', ') : 'the gateway';
  return ok('public-name', `${host} leads to ${where}.`);
}
