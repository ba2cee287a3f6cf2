// What the facts of each step of a path come to: one word, which has a state. No step is better than its worst news.
import { BlockList } from 'node:net';
import type {
  AnswerFacts,
  CertificateFacts,
  ConnectFacts,
  GatewayFacts,
  PathCode,
  PolicyFacts,
  PrivateAnswer,
  PrivateDnsFacts,
  PublicDnsFacts,
  PublicLookup,
  SignInFacts,
  TlsFacts,
} from './path.ts';

const SOON_MS = 14 * 86_400_000;

export function judgePublicDns(facts: PublicDnsFacts): PathCode<'public-dns'> {
  const { alias, gatewayAddresses, gatewayName, lookup, target } = facts;
  // Whose alias it is counts before whether it works: another app's goes with that app.
  if (alias === 'other') return 'alias-foreign';
  if (alias === 'nobody') return 'alias-gone';
  switch (lookup.kind) {
    case 'localhost':
      return 'localhost-name';
    case 'missing':
      return 'name-missing';
    case 'loop':
      return 'alias-loop';
    case 'failed':
      return alias === 'own' ? 'alias-unanswered' : 'public-dns-failed';
    case 'silent':
      return 'public-dns-silent';
    case 'no-address':
    case 'found':
      break;
    default:
      return lookup.kind satisfies never;
  }
  if (target === null) return 'gateway-unnamed';
  if (lookup.kind === 'no-address' && alias === 'own') return 'alias-unanswered';
  if (leadsByName(lookup, [gatewayName, target])) return 'leads-to-gateway';
  if (lookup.kind === 'no-address') return lookup.missingTarget === null ? 'leads-nowhere' : 'target-missing';
  const ours = lookup.addresses.filter((address) => gatewayAddresses.includes(address));
  if (ours.length === lookup.addresses.length) return 'leads-by-address';
  if (ours.length > 0) return 'leads-partly';
  return lookup.addresses.every(isInside) ? 'leads-inside' : 'leads-elsewhere';
}

/** Whatever the address: a name may have several and tell one at a time, or each asker his own. */
export function leadsByName({ hops }: Pick<PublicLookup, 'hops'>, names: readonly (string | null)[]): boolean {
  return hops.some(({ type, value }) => type === 'CNAME' && names.includes(value));
}

export function judgeGateway(facts: GatewayFacts): PathCode<'gateway-address'> {
  const { gatewayName, inside, isLocalhost, lookup, outside } = facts;
  if (outside.some(({ outcome }) => outcome === 'foreign')) return 'gateway-elsewhere';
  if (!isLocalhost && gatewayName !== null && (lookup === null || lookup.addresses.length === 0))
    return 'gateway-name-missing';
  const knocks = [...outside, ...(inside ? [inside] : [])];
  if (!knocks.some(({ outcome }) => outcome === 'ours' || outcome === 'app-unknown')) return 'gateway-down';
  if (knocks.some(({ outcome }) => outcome === 'app-unknown')) return 'gateway-behind';
  if (isLocalhost) return 'this-machine';
  if (gatewayName === null) return 'gateway-unnamed';
  return outside.every(({ outcome }) => outcome === 'ours') ? 'gateway-answers' : 'gateway-unreached';
}

export function judgeCertificate(facts: CertificateFacts): PathCode<'certificate'> {
  const { certificate, checkedAt, coversHost, distrust, scheme } = facts;
  if (scheme === 'http') return 'plain-localhost';
  if (certificate === null) return 'certificate-unread';
  if (checkedAt > certificate.validTo) return 'certificate-expired';
  if (checkedAt < certificate.validFrom) return 'certificate-early';
  if (!coversHost) return 'certificate-name';
  if (distrust !== null) return 'certificate-untrusted';
  return certificate.validTo - checkedAt < SOON_MS ? 'certificate-soon' : 'certificate-good';
}

export function judgeSignIn({ localAccounts, providers }: SignInFacts): PathCode<'sign-in'> {
  if (providers.length === 0) return localAccounts ? 'sign-in-ready' : 'no-way-in';
  const working = providers.filter(({ outcome }) => outcome === 'answers');
  if (working.length === providers.length) return 'sign-in-ready';
  return working.length > 0 || localAccounts ? 'provider-down' : 'providers-down';
}

export function judgePolicy({ reason, maintenance }: PolicyFacts): PathCode<'policy'> {
  switch (reason) {
    case 'assigned':
      return maintenance === null ? 'assigned' : 'maintenance';
    case 'not-assigned':
    case 'app-disabled':
    case 'user-disabled':
      return reason;
    case 'app-session-expired':
    case 'session-expired':
    case 'session-idle':
    case 'app-signed-out':
      return 'sign-in-again';
    default:
      return 'undecided';
  }
}

export function judgePrivateDns({ answers, literals, servers, site }: PrivateDnsFacts): PathCode<'private-dns'> {
  if (site === null) return 'site-missing';
  if (answers.length === 0) return 'literal-address';
  const good = answers.filter(hasAddresses);
  if (good.length === 0 && literals.length === 0) return whyNone(answers);
  if (good.length < answers.length) return 'some-names-missing';
  if (good.some(({ heldSince }) => heldSince !== null)) return 'private-answer-stale';
  if (servers.some((server) => server.answers.some((answer) => !hasAddresses(answer)))) return 'some-servers-fail';
  return haveOneMind(servers) ? 'private-answer' : 'servers-disagree';
}

export function judgeConnect({ attempts }: ConnectFacts): PathCode<'connect'> {
  const of = (outcome: string) => attempts.filter((attempt) => attempt.outcome === outcome).length;
  const connected = of('connected');
  if (connected === attempts.length && connected > 0) return 'connected';
  if (connected > 0) return connected + of('not-allowed') === attempts.length ? 'some-not-allowed' : 'some-connected';
  // What shows most of the network counts: a refusal is an answer.
  if (of('refused') > 0) return 'connect-refused';
  if (of('timeout') > 0) return 'connect-timeout';
  return of('unreachable') > 0 ? 'connect-unreachable' : 'not-allowed';
}

export function judgeTls({ attempts, checkedAt, trust }: TlsFacts): PathCode<'tls'> {
  if (trust === 'off') return 'tls-off';
  const good = attempts.filter(({ outcome }) => outcome === 'trusted');
  const worst = (['untrusted', 'expired', 'name', 'failed'] as const).find((outcome) =>
    attempts.some((attempt) => attempt.outcome === outcome),
  );
  if (good.length === 0) return worst === undefined ? 'tls-failed' : `tls-${worst}`;
  if (worst !== undefined) return 'some-tls';
  if (trust === 'unverified') return 'tls-unverified';
  const isSoon = good.some(({ certificate }) => certificate !== null && certificate.validTo - checkedAt < SOON_MS);
  // A pinned certificate's dates are not looked at.
  return isSoon && trust !== 'pinned' ? 'tls-soon' : 'tls-trusted';
}

export function judgeAnswer({ fault, leadsInside, status }: AnswerFacts): PathCode<'answer'> {
  if (status === null) {
    if (fault === 'upstream-timeout' || fault === 'upstream-connect-timeout') return 'answer-timeout';
    return fault === 'upstream-protocol' ? 'answer-invalid' : 'answer-closed';
  }
  if (status >= 500) return 'answer-error';
  if (status === 400 || status === 421) return 'answer-host';
  if (leadsInside) return 'answer-leads-inside';
  if (status >= 300 && status < 400) return 'answer-redirect';
  if (status === 401 || status === 403) return 'answer-asks';
  return status < 300 ? 'answer-ok' : 'answer-other';
}

function hasAddresses({ outcome }: PrivateAnswer): boolean {
  return outcome === 'addresses';
}

const WHY_NONE: Readonly<Record<string, PathCode<'private-dns'>>> = {
  'no-such-name': 'private-name-missing',
  'no-address': 'private-no-address',
  timeout: 'private-dns-silent',
  unreachable: 'private-dns-silent',
  'tls-failed': 'private-dns-unproven',
  'certificate-name': 'private-dns-unproven',
  'certificate-expired': 'private-dns-unproven',
  'certificate-untrusted': 'private-dns-unproven',
  'alias-loop': 'private-alias-loop',
  'outside-zones': 'outside-zones',
  'no-servers': 'no-servers',
};

function whyNone(answers: readonly PrivateAnswer[]): PathCode<'private-dns'> {
  return WHY_NONE[answers[0]?.outcome ?? ''] ?? 'private-dns-failed';
}

/** Servers that turn a list round for each client still say the same. */
function haveOneMind(servers: PrivateDnsFacts['servers']): boolean {
  const said = servers.map(({ answers }) =>
    JSON.stringify(answers.map(({ host, addresses }) => [host, [...addresses].sort()])),
  );
  return new Set(said).size <= 1;
}

const inside = new BlockList();
inside.addSubnet('10.0.0.0', 8, 'ipv4');
inside.addSubnet('172.16.0.0', 12, 'ipv4');
inside.addSubnet('192.168.0.0', 16, 'ipv4');
inside.addSubnet('fc00::', 7, 'ipv6');

/** Addresses that lead nowhere from the internet (RFC 1918, RFC 4193). */
export function isInside(address: string): boolean {
  return inside.check(address, address.includes(':') ? 'ipv6' : 'ipv4');
}
