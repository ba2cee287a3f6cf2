// What the sentence of a step puts in: names, addresses and times from its facts.
import type { AddressRefusal } from '#server/core/check-address.ts';
import type {
  AnswerFacts,
  CertificateFacts,
  ConnectFacts,
  GatewayFacts,
  PathStep,
  PolicyFacts,
  PrivateDnsFacts,
  PublicDnsFacts,
  SignInFacts,
  TlsFacts,
} from '#server/core/path.ts';

export type Values = Record<string, string | number | Date>;

/** The words that a sentence takes from the messages themselves. */
export type Words = { refusal(of: AddressRefusal): string; openedBy(by: NonNullable<PolicyFacts['by']>): string };

const MAX_LISTED = 3;

export function sentenceValues(step: PathStep, words: Words): Values {
  if (step.facts === null) return {};
  switch (step.step) {
    case 'public-dns':
      return publicDns(step.facts);
    case 'gateway-address':
      return gateway(step.facts);
    case 'certificate':
      return certificate(step.facts);
    case 'sign-in':
      return signIn(step.facts);
    case 'policy':
      return { person: step.facts.person?.name ?? '', by: step.facts.by ? words.openedBy(step.facts.by) : '' };
    case 'private-dns':
      return privateDns(step.facts);
    case 'connect':
      return connect(step.facts, words);
    case 'tls':
      return tls(step.facts);
    case 'answer':
      return answer(step.facts);
    default:
      return step satisfies never;
  }
}

function publicDns({ gatewayAddresses, lookup, target }: PublicDnsFacts): Values {
  const foreign = lookup.addresses.filter((address) => !gatewayAddresses.includes(address));
  const lastAlias = lookup.hops.findLast(({ type }) => type === 'CNAME')?.value;
  const where = listed(foreign.length > 0 ? foreign : lookup.addresses) || lastAlias || '–';
  const missing = lookup.missingTarget ?? lastAlias ?? '–';
  return { host: lookup.name, gateway: target ?? '', where, missing, servers: listed(lookup.servers) || '–' };
}

function gateway({ gatewayName, inside, outside }: GatewayFacts): Values {
  const wrong = outside.filter(({ outcome }) => outcome !== 'ours');
  const shown = wrong.length > 0 ? wrong : outside;
  const port = outside[0]?.port ?? inside?.port ?? 443;
  return { gateway: gatewayName ?? '', where: listed(shown.map(({ address }) => address)), port: String(port) };
}

function certificate({ certificate: shown, host }: CertificateFacts): Values {
  return {
    host,
    names: listed(shown?.names ?? []),
    issuer: shown?.issuer ?? '',
    from: new Date(shown?.validFrom ?? 0),
    until: new Date(shown?.validTo ?? 0),
  };
}

function signIn({ providers }: SignInFacts): Values {
  return { providers: listed(providers.filter(({ outcome }) => outcome !== 'answers').map(({ name }) => name)) };
}

function privateDns({ answers, servers, site, zones }: PrivateDnsFacts): Values {
  const failed = servers.filter((server) => server.answers.some(({ outcome }) => outcome !== 'addresses'));
  const good = answers.find(({ outcome }) => outcome === 'addresses');
  const shown = good ?? answers[0];
  return {
    site: site ?? '',
    name: shown?.host ?? '',
    where: listed(shown?.addresses ?? []),
    server: shown?.server ?? '',
    failed: listed(failed.map(({ server }) => server)),
    since: new Date(answers.find(({ heldSince }) => heldSince !== null)?.heldSince ?? 0),
    missing: listed(answers.filter(({ outcome }) => outcome !== 'addresses').map(({ host }) => host)),
    zones: listed(zones),
  };
}

function connect({ attempts }: ConnectFacts, words: Words): Values {
  const at = ({ address, port }: { address: string; port: number }) =>
    address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const failed = attempts.filter(({ outcome }) => outcome !== 'connected');
  const refusal = failed.find((attempt) => attempt.refusal !== null)?.refusal;
  return {
    where: listed(attempts.filter(({ outcome }) => outcome === 'connected').map(at)),
    failed: listed(failed.map(at)),
    refusal: refusal ? words.refusal(refusal) : '',
  };
}

function tls({ attempts }: TlsFacts): Values {
  const shown = attempts.find(({ outcome }) => outcome !== 'trusted') ?? attempts[0];
  return {
    name: shown?.servername ?? '',
    names: listed(shown?.certificate?.names ?? []),
    issuer: shown?.certificate?.issuer ?? '–',
    from: new Date(shown?.certificate?.validFrom ?? 0),
    until: new Date(shown?.certificate?.validTo ?? 0),
    detail: shown?.detail ?? '',
  };
}

function answer({ host, location, status }: AnswerFacts): Values {
  return { host, location: location ?? '', status: String(status ?? '') };
}

/** The first few, and how many more. */
function listed(all: readonly string[]): string {
  const rest = all.length - MAX_LISTED;
  return rest > 0 ? `${all.slice(0, MAX_LISTED).join(', ')} +${rest}` : all.join(', ');
}

/** The record that leads a public name to the gateway, where one mends the step. */
export function recordOf(step: PathStep): string | null {
  if (step.step !== 'public-dns' || step.facts === null) return null;
  const { lookup, target } = step.facts;
  const isNeeded = target !== null && step.code !== 'alias-unanswered';
  const isWrong = step.state === 'bad' || step.code === 'leads-by-address';
  return isNeeded && isWrong ? `${lookup.name}. CNAME ${target}.` : null;
}
