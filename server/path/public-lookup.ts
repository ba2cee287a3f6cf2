// A public name as a browser's resolver finds it: each record on the way with its TTL, from the machine's DNS servers or the ones configured.
import { getServers } from 'node:dns';
import type { DnsServerAddress } from '#server/core/app.ts';
import { dnsServerText, parseDnsServer } from '#server/core/dns-server.ts';
import { type Hostname, isWithin, parseHostname } from '#server/core/hostname.ts';
import type { DnsHop, PublicLookup } from '#server/core/path.ts';
import type { Exchange } from '#server/dns/exchange.ts';
import { CLASS, type Message, RCODE, TYPE } from '#server/dns/message.ts';
import { type Name, nameFromHostname, nameKey, nameText, sameName } from '#server/dns/name.ts';

export type LookUpPublic = (name: Hostname) => Promise<PublicLookup>;

const SERVER_TIMEOUT_MS = 2_000;
const MAX_SERVERS = 3;
const MAX_ALIASES = 16;

/** `servers` are asked in their order, none for the machine's own. */
export function publicLookup(
  servers: readonly DnsServerAddress[],
  { exchange, signal }: { exchange: Exchange; signal?: AbortSignal },
): LookUpPublic {
  return async (name) => {
    const asked = (servers.length > 0 ? servers : machineServers()).slice(0, MAX_SERVERS);
    const shown = asked.map(dnsServerText);
    const ask = asking(asked, exchange, signal);
    if (isLocalhost(name))
      return { name, kind: 'localhost', hops: [], addresses: [], servers: [], missingTarget: null };
    const [ipv4, ipv6] = await Promise.all([
      walk(nameFromHostname(name), TYPE.A, ask),
      walk(nameFromHostname(name), TYPE.AAAA, ask),
    ]);
    const hops = [
      ...new Map([...ipv4.hops, ...ipv6.hops].map((hop) => [JSON.stringify({ ...hop, ttlSeconds: 0 }), hop])).values(),
    ];
    const inOrder = [...hops.filter(({ type }) => type === 'CNAME'), ...hops.filter(({ type }) => type !== 'CNAME')];
    const addresses = hops.flatMap(({ type, value }) => (type === 'CNAME' ? [] : [value])).sort();
    return {
      name,
      kind: addresses.length > 0 ? 'found' : worse(ipv4, ipv6),
      hops: inOrder,
      addresses,
      servers: shown,
      missingTarget: ipv4.missingTarget ?? ipv6.missingTarget ?? null,
    };
  };
}

export function isLocalhost(name: Hostname): boolean {
  const localhost = parseHostname('localhost');
  return localhost !== null && isWithin(name, localhost);
}

/** Null when nobody answers. */
type AskPublic = (name: Name, type: number) => Promise<Message | null>;

type Walked = { kind: PublicLookup['kind']; hops: DnsHop[]; missingTarget?: string | null };

/** Recursive servers tell the whole way at once; what they leave to us is asked on. */
async function walk(start: Name, type: number, ask: AskPublic): Promise<Walked> {
  const hops: DnsHop[] = [];
  const seen = new Set([nameKey(start)]);
  let name = start;
  for (;;) {
    const message = await ask(name, type);
    if (message === null) return { kind: 'silent', hops };
    // A server that gives up on a loop may still tell it.
    const led = follow(message, name, type, hops, seen);
    if (led === 'loop') return { kind: 'loop', hops };
    if (message.rcode !== RCODE.NOERROR && message.rcode !== RCODE.NXDOMAIN) return { kind: 'failed', hops };
    if (hops.some((hop) => hop.type !== 'CNAME')) return { kind: 'found', hops };
    // RFC 6604 §3: the code speaks of the last name of the chain.
    if (message.rcode === RCODE.NXDOMAIN)
      return { kind: hops.length > 0 ? 'no-address' : 'missing', hops, missingTarget: hops.at(-1)?.value ?? null };
    if (led === null || message.authorities.some(({ data }) => data.kind === 'soa'))
      return { kind: 'no-address', hops };
    name = led;
  }
}

/** The last alias of an answer, or null when it has none. */
function follow(message: Message, start: Name, type: number, hops: DnsHop[], seen: Set<string>): Name | 'loop' | null {
  let name = start;
  let led: Name | null = null;
  for (;;) {
    const records = message.answers.filter((record) => record.class === CLASS.IN && sameName(record.name, name));
    const text = nameText(name).toLowerCase();
    for (const { data, ttlSeconds } of records) {
      if (data.kind === 'a' && type === TYPE.A) hops.push({ name: text, type: 'A', value: data.address, ttlSeconds });
      if (data.kind === 'aaaa' && type === TYPE.AAAA)
        hops.push({ name: text, type: 'AAAA', value: data.address, ttlSeconds });
    }
    const alias = records.find(({ data }) => data.kind === 'cname');
    if (alias?.data.kind !== 'cname') return led;
    const { target } = alias.data;
    hops.push({ name: text, type: 'CNAME', value: nameText(target).toLowerCase(), ttlSeconds: alias.ttlSeconds });
    if (seen.has(nameKey(target)) || seen.size > MAX_ALIASES) return 'loop';
    seen.add(nameKey(target));
    name = target;
    led = target;
  }
}

/** The first server that answers at all; one that only fails is an answer when there is no better one. */
function asking(servers: readonly DnsServerAddress[], exchange: Exchange, signal?: AbortSignal): AskPublic {
  return async (name, type) => {
    let failed: Message | null = null;
    for (const server of servers) {
      const options = { timeoutMs: SERVER_TIMEOUT_MS, ...(signal ? { signal } : {}) };
      const result = await exchange(server, { name, type, class: CLASS.IN }, options);
      if (result.kind === 'failed') continue;
      const { rcode } = result.message;
      if (rcode === RCODE.NOERROR || rcode === RCODE.NXDOMAIN) return result.message;
      failed ??= result.message;
    }
    return failed;
  };
}

/** Of two families without an address, what says more. */
function worse(ipv4: Walked, ipv6: Walked): PublicLookup['kind'] {
  const order: readonly PublicLookup['kind'][] = ['loop', 'failed', 'silent', 'no-address', 'missing'];
  return order.find((kind) => ipv4.kind === kind || ipv6.kind === kind) ?? 'missing';
}

export function machineServers(): DnsServerAddress[] {
  return getServers().flatMap((text) => parseDnsServer(text) ?? []);
}
