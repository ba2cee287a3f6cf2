// What is wrong with one public name: the way that it leads, and how long that is kept.
import { judgeInside } from './judge-inside.ts';
import { judgeIssuance } from './judge-issuance.ts';
import { about, leadingRecord, type NamesFacts, type PublicNameFacts, whatOf } from './names-facts.ts';
import {
  ADVISED_TTL_SECONDS,
  addressRecord,
  type DnsRecord,
  findingOf,
  type NamesCode,
  type NamesFinding,
} from './names-finding.ts';
import type { PathCode } from './path.ts';
import { isInside, judgePublicDns } from './path-judge.ts';

/** A longer one and a change, or a mistake that is mended, reaches some people only after hours. */
const LONG_TTL_SECONDS = 3_600;

export function judgePublicName(name: PublicNameFacts, facts: NamesFacts): NamesFinding[] {
  if (name.dns.lookup.kind === 'localhost') return [];
  const way = name.subject.kind === 'gateway' ? gatewayWay(name, facts) : wayTo(name, facts);
  // Silence of public DNS itself is said once, elsewhere.
  if (name.dns.lookup.kind === 'silent') return judgeIssuance(name);
  // How long a wrong record is kept is no matter: it is replaced.
  const kept = way.length === 0 ? ttlOf(name) : [];
  return [...way, ...kept, ...judgeIssuance(name), ...judgeInside(name, facts)];
}

function gatewayWay(name: PublicNameFacts, { aliases, clusterName, portal }: NamesFacts): NamesFinding[] {
  const { host } = name;
  const { addresses } = name.dns.lookup;
  // A cluster's name has no record that anybody writes.
  if (addresses.length === 0 && host === clusterName)
    return [
      findingOf(
        'gateway-missing',
        about(name),
        `${host}, the gateway’s name and the cluster’s, has no address in public DNS, and every app hangs on it. Delegate it to the load balancers, say so under Gateways, and see that foyer nameserver answers there with public addresses.`,
      ),
    ];
  if (addresses.length === 0) {
    const [known] = aliases?.addresses ?? [];
    const record = known ? addressRecord(host, known) : null;
    const sentence = `${host}, the gateway’s name, has no address in public DNS, and every app hangs on it. Give it an A or AAAA record with the gateway’s public address.`;
    return [findingOf('gateway-missing', about(name), sentence, record)];
  }
  if (addresses.every(isInside) && portal !== host)
    return [
      findingOf(
        'gateway-inside',
        about(name),
        `${host}, the gateway’s name, leads to ${addresses.join(', ')}: nobody outside gets there. Give it the gateway’s public address.`,
      ),
    ];
  return [];
}

function wayTo(name: PublicNameFacts, facts: NamesFacts): NamesFinding[] {
  const { dns, host } = name;
  const what = whatOf(name);
  const { lookup, target } = dns;
  const code = judgePublicDns(dns);
  const address = dns.gatewayAddresses.find((each) => !isInside(each)) ?? dns.gatewayAddresses[0];
  const record = leadingRecord(name, address);
  const foreign = lookup.addresses.filter((address) => !dns.gatewayAddresses.includes(address));
  const missing = lookup.missingTarget ?? lookup.hops.findLast(({ type }) => type === 'CNAME')?.value ?? '–';
  const where = foreign.join(', ') || missing;
  const found = (as: NamesCode, sentence: string, mend: DnsRecord | null = record) => [
    findingOf(as, about(name), sentence, mend),
  ];
  if (name.isApex && target !== null) return atApex(code, found, { host, target, where });
  switch (code) {
    case 'name-missing':
      return found(code, `Public DNS does not know ${host}, so nobody outside can open ${what}. Create the record.`);
    case 'leads-nowhere':
      return found(code, `${host} is in public DNS, but has no address. Replace what is there by the record.`);
    case 'target-missing':
      return found(
        code,
        `${host} is a CNAME of ${missing}, a name that does not exist: whoever takes that name gets the visitors of ${what}. Replace the record.`,
      );
    case 'alias-gone':
      return found(code, `${host} is a CNAME of an alias that no app has (any more). Replace the record.`);
    case 'alias-foreign':
      return found(
        code,
        `${host} is a CNAME of another app’s alias, and is gone when that app is. Replace the record.`,
      );
    case 'alias-unanswered':
      return found(
        code,
        `${host} is a CNAME of its alias, and public DNS gets no address for that. Look at the delegation of ${facts.aliases?.zone ?? '–'}, and whether foyer nameserver answers there.`,
        null,
      );
    case 'alias-loop':
      return found(code, `The aliases of ${host} go round in circles. Replace them by the record.`);
    case 'public-dns-failed':
      return found(code, `Public DNS answers ${host} with an error. Look at the zone’s name servers.`);
    case 'leads-partly':
      return found(code, `${host} leads to the gateway and also to ${where}. Replace all of it by the record.`);
    case 'leads-elsewhere':
      return found(code, `${host} leads to ${where} and not to the gateway. Replace what is there by the record.`);
    case 'leads-inside':
      return found(
        code,
        `${host} leads to ${where}, an address inside: people inside go past Foyer, people outside get nowhere. Replace what is there by the record.`,
      );
    case 'leads-by-address':
      // A portal may stand at the top of a zone, where no CNAME can be (RFC 1034 §3.6.2).
      if (name.subject.kind === 'portal') return [];
      return found(
        code,
        `${host} leads to the gateway’s address, but not by its name: when the gateway moves, ${what} is lost. Replace what is there by the record.`,
      );
    default:
      return [];
  }
}

/** The address of the gateway is right there, and what else stands beside it is not to be replaced. */
function atApex(
  code: PathCode<'public-dns'>,
  found: (as: NamesCode, sentence: string) => NamesFinding[],
  { host, target, where }: { host: string; target: string; where: string },
): NamesFinding[] {
  switch (code) {
    case 'leads-nowhere':
      return found(
        code,
        `${host} is the top of its zone, where no CNAME can be, and has no address. Create the record, or an ALIAS of ${target} where your provider has that.`,
      );
    case 'leads-partly':
    case 'leads-elsewhere':
    case 'leads-inside':
      return found(
        code,
        `${host} is the top of its zone, where no CNAME can be, and leads to ${where}, which is not the gateway. Replace its addresses by the record, or by an ALIAS of ${target} where your provider has that.`,
      );
    default:
      return [];
  }
}

function ttlOf({ dns, host, ...rest }: PublicNameFacts): NamesFinding[] {
  const longest = dns.lookup.hops
    .filter(({ name, ttlSeconds }) => name === host && ttlSeconds > LONG_TTL_SECONDS)
    .sort((one, other) => other.ttlSeconds - one.ttlSeconds)[0];
  if (!longest) return [];
  const { ttlSeconds, type, value } = longest;
  const record = {
    ...{ name: host, type, ttlSeconds: ADVISED_TTL_SECONDS },
    value: type === 'CNAME' ? `${value}.` : value,
  };
  return [
    findingOf(
      'ttl-long',
      about({ dns, host, ...rest }),
      `What ${host} leads to may be kept for ${Math.round(ttlSeconds / 360) / 10} hours: after a change, some people go the old way for that long. Lower its TTL.`,
      record,
    ),
  ];
}
