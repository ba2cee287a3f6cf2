// What the nameserver's configuration file may say, field by field, each with its own sentence.
import { z } from 'zod';
import { type AddressRange, parseAddress, parseRange } from '#server/core/address.ts';
import type { DnsServerAddress, Endpoint } from '#server/core/app.ts';
import { parseDnsServer } from '#server/core/dns-server.ts';
import { buildDomainSet, COVERS } from '#server/dns/domain-set.ts';
import { type Name, nameFromHostname, nameFromLabels, nameText, parseName } from '#server/dns/name.ts';
import type { ForwardRoute } from '#server/dns/names.ts';
import { buildZone } from '#server/dns/zone.ts';
import { address, hostname, listOf, port, read } from '#server/store/schema/field.ts';
import type { OwnRecords } from './file-warnings.ts';
import type { DnsListenAddress } from './listeners.ts';

const QUAD9 = ['9.9.9.9', '149.112.112.112'] as const;
const DEFAULT_LISTEN = '127.0.0.53:53';
const DEFAULT_LISTEN_OR_ELSE = '127.0.0.1';
/** Loopback, private, carrier-grade and link-local networks: whoever is in one of them is not the Internet. */
const PRIVATE_RANGES = [
  '127.0.0.0/8',
  '::1/128',
  '10.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '100.64.0.0/10',
  '169.254.0.0/16',
  'fc00::/7',
  'fe80::/10',
];
const DEFAULT_RECORD_TTL_SECONDS = 60;
const MAX_STALE_SECONDS = 86_400;
const MAX_RECORDS = 100_000;

const listenAt = (usualPort: number) =>
  read(
    (text) => withPort(text, usualPort),
    `This is no listening address. Write an IP address, with a port where it is not ${usualPort}, for example 127.0.0.1:${usualPort} or [::1]:${usualPort}.`,
  );

const server = read<DnsServerAddress>(
  parseDnsServer,
  'This is no DNS server. Write an IP address, with a port where it is not the usual one, and for DNS over TLS the name of its certificate: 10.0.0.53, 10.0.0.53:5353 or 9.9.9.9#dns.quad9.net.',
);

const range = read(
  rangeOf,
  'This is no address range. Write the network with zero host bits, for example 10.0.0.0/8, or one address.',
);

const zoneName = read((text) => {
  const name = parseName(text);
  return name === null || name.length === 0 ? null : name;
}, 'This is no domain. Write one such as corp.internal.');

const path = z.string().min(1, 'This is empty. Name a file.').max(4_096, 'This is too long for the name of a file.');

const endpointText = ({ address, port }: Endpoint) => `${address} ${port}`;
const servers = listOf(server, 15, endpointText);

const recordLine = z.strictObject({
  name: z.string().max(255),
  type: z.enum(['A', 'AAAA', 'CNAME', 'PTR', 'MX', 'TXT', 'SRV', 'NS']),
  value: z.string().max(4_096),
  ttlSeconds: z.int().min(0).max(MAX_STALE_SECONDS).default(DEFAULT_RECORD_TTL_SECONDS),
});

const records = z
  .strictObject({
    zone: zoneName,
    search: listOf(zoneName, 20, nameText).default([searchDefault()]),
    singleLabels: z.boolean().default(true),
    covers: z.enum(['whole', 'exact']).default('whole'),
    lines: z.array(recordLine).max(MAX_RECORDS, `These are too many. The most is ${MAX_RECORDS}.`),
  })
  .transform(({ zone: origin, search, singleLabels, covers, lines }, context): OwnRecords => {
    const built = buildZone({ origin, lines, negativeTtlSeconds: 10 });
    if (built.kind === 'zone')
      return { local: { zone: built.zone, search, answersSingleLabels: singleLabels, covers }, lines };
    context.addIssue({ code: 'custom', path: ['lines'], message: `${built.problem}.` });
    return z.NEVER;
  });

/** As in a list's file: `example.com` is all below it too, `*.example.com` that alone. */
const domainNames = z
  .array(z.string().max(255))
  .max(MAX_RECORDS, `These are too many. The most is ${MAX_RECORDS}: put them into a file.`)
  .default([])
  .transform((texts, context) => {
    const builder = buildDomainSet();
    for (const [at, text] of texts.entries()) {
      const isBelow = text.startsWith('*.');
      const name = domainOf(isBelow ? text.slice(2) : text);
      if (name !== null) builder.add(name, isBelow ? COVERS.below : COVERS.both);
      else
        context.addIssue({
          code: 'custom',
          path: [at],
          message: 'This is no domain. Write one such as ads.example.com, or *.ads.example.com for all below it.',
        });
    }
    return builder.finish();
  });

const domainList = z.strictObject({ files: listOf(path, 50).default([]), names: domainNames });
const noList = () => domainList.parse({});

const forwardZone = z
  .strictObject({
    name: zoneName,
    servers: some(servers, 'Name at least one server, for example 10.0.0.53.'),
    select: z.enum(['all', 'one']).default('all'),
    serveStaleSeconds: z.int().min(0).max(MAX_STALE_SECONDS).default(0),
  })
  .transform(({ name: zone, servers, select, serveStaleSeconds }): ForwardRoute => {
    return { zone, servers, select, staleMs: serveStaleSeconds * 1_000 };
  });

const link = z
  .string()
  .regex(/^[^\s/-][^\s/]{0,14}$/, 'This is no network interface. Write its name, for example wg0.');

/** As resolvectl(1) takes them, and nothing that it would take for an option. */
const routedDomain = z
  .string()
  .max(255)
  .refine(
    (text) => !/^~?-/.test(text) && parseName(text.replace(/^~/, '')) !== null,
    'This is no domain. Write one such as corp.example, ~corp.example to ask for it without searching in it, or ~. for all.',
  );

export const fileSchema = z.strictObject({
  listen: some(
    listOf(listenAt(53), 64, endpointText),
    `Name at least one address, for example ${DEFAULT_LISTEN}.`,
  ).default(() => defaultListen()),
  tls: z
    .strictObject({
      listen: some(listOf(listenAt(853), 64, endpointText), 'Name at least one address, for example 0.0.0.0:853.'),
      certificate: path,
      key: path,
    })
    .nullable()
    .default(null),
  upstreams: servers.default(quad9()),
  upstreamCa: path.nullable().default(null),
  allowPlaintextFallback: z.boolean().default(false),
  allowPrivate: listOf(zoneName, 1_000, nameText).default([]),
  zones: listOf(forwardZone, 1_000, ({ zone }) => nameText(zone).toLowerCase()).default([]),
  records: listOf(records, 100, ({ local }) => nameText(local.zone.origin).toLowerCase()).default([]),
  block: domainList.default(noList),
  allow: domainList.default(noList),
  gateway: z
    .strictObject({
      inside: some(listOf(address, 64), 'Name at least one address, for example 10.0.0.20.'),
      names: listOf(
        hostname.transform((host) => nameFromHostname(host)),
        10_000,
        nameText,
      ).default([]),
    })
    .nullable()
    .default(null),
  clients: listOf(range, 1_000, ({ address, prefix }) => `${address}/${prefix}`).prefault(PRIVATE_RANGES),
  queriesPerSecond: z.int().min(1).max(1_000_000).nullable().default(1_000),
  metrics: listenAt(9465).nullable().default(null),
  resolved: z
    .strictObject({ link, domains: z.array(routedDomain).max(100).default([]) })
    .nullable()
    .default(null),
});

function some<T>(list: z.ZodType<T[]>, sentence: string) {
  return list.refine((entries) => entries.length > 0, { error: sentence, abort: true });
}

/** `127.0.0.1`, `127.0.0.1:53`, `::1` or `[::1]:53`. */
function withPort(text: string, usualPort: number): DnsListenAddress | null {
  const [, literal = '', digits] = /^\[(.+)\](?::(\d{1,5}))?$/.exec(text) ??
    /^([^:]+):(\d{1,5})$/.exec(text) ?? [text, text];
  const at = parseAddress(literal);
  const chosen = digits === undefined ? usualPort : Number(digits);
  return at === null || chosen < 1 || !port.safeParse(chosen).success ? null : { address: at, port: chosen };
}

function rangeOf(text: string): AddressRange | null {
  const single = parseAddress(text);
  return single === null ? parseRange(text) : { address: single, prefix: single.includes(':') ? 128 : 32 };
}

function domainOf(text: string): Name | null {
  const parsed = hostname.safeParse(text);
  if (parsed.success) return nameFromHostname(parsed.data);
  // Names of blocked hosts are not always host names: `ad_server.example`.
  const labels = text.replace(/\.$/, '').split('.');
  return /^[a-z0-9_.-]+$/i.test(text) ? nameFromLabels(labels) : null;
}

function defaultListen(): DnsListenAddress[] {
  const at = withPort(DEFAULT_LISTEN, 53);
  const orElse = parseAddress(DEFAULT_LISTEN_OR_ELSE);
  if (at === null || orElse === null) throw new Error('These are addresses.');
  return [{ ...at, orElse }];
}

function searchDefault(): Name {
  const name = parseName('ztna');
  if (name === null) throw new Error('This is a name.');
  return name;
}

function quad9(): DnsServerAddress[] {
  return QUAD9.flatMap((text) => {
    const at = parseAddress(text);
    return at === null ? [] : [{ address: at, port: 853, tlsName: 'dns.quad9.net' }];
  });
}
