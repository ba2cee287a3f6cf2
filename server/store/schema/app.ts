// An app as forms and files give it: every text parsed into core's types, every key known.
import { createHash, X509Certificate } from 'node:crypto';
import { z } from 'zod';
import { type Address, parseAddress, parseLegacyAddress } from '#server/core/address.ts';
import {
  type HostHeader,
  IDENTITY_HEADER_FAMILIES,
  PLAIN_UPSTREAM,
  type Upstream,
  type UpstreamTls,
} from '#server/core/app.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { Assignment } from '#server/core/policy.ts';
import { hostname, id, line, listOf, paragraph, port, read } from './field.ts';

export type AppInput = z.output<typeof appInput>;

const MINUTE_MS = 60_000;
const LONGEST_SESSION_MS = 7 * 24 * 60 * MINUTE_MS;
const MAX_PEM_LENGTH = 200_000;

/** Apps without an agent are web apps. */
const scheme = z.enum(['http', 'https'], {
  error: ({ input }) =>
    typeof input === 'string' && /^[a-z][a-z0-9+.-]{0,15}$/i.test(input)
      ? `A browser cannot open “${input}”: only web apps work without an agent. Choose http or https.`
      : 'Choose http or https.',
});

/** What any resolver would take for a number is that address, never a name. */
const upstreamHost = read<Hostname | Address>(
  (text) => parseLegacyAddress(text) ?? parseHostname(text),
  'This is neither a host name nor an IP address. Write a name such as wiki.corp.internal, or an address such as 192.168.1.20.',
).refine((host) => !/(^|\.)localhost$/.test(host), {
  message: 'This name means the gateway itself. Write the address and port instead, and name both in the site.',
});

const hostHeader: z.ZodType<HostHeader> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('public') }),
  z.strictObject({ kind: z.literal('internal') }),
  z.strictObject({ kind: z.literal('fixed'), value: hostname }),
]);

const tls: z.ZodType<UpstreamTls> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({
    kind: z.literal('ca'),
    pem: read(
      readCertificates,
      'This is no certificate. Paste the whole block, from BEGIN to END CERTIFICATE.',
      MAX_PEM_LENGTH,
    ),
  }),
  z.strictObject({
    kind: z.literal('pinned'),
    sha256: read(readFingerprint, 'This is neither a certificate nor its SHA-256. Paste one of them.', MAX_PEM_LENGTH),
  }),
  z.strictObject({ kind: z.literal('unverified') }),
]);

const upstream: z.ZodType<Upstream> = z
  .strictObject({
    scheme,
    host: upstreamHost,
    port,
    hostHeader: hostHeader.default({ kind: 'public' }),
    tls: tls.default({ kind: 'system' }),
  })
  .superRefine(({ host, hostHeader: header }, context) => {
    if (header.kind !== 'internal' || parseAddress(host) === null) return;
    context.addIssue({
      code: 'custom',
      path: ['hostHeader'],
      message: 'The upstream is an address, so it has no internal name to send. Choose the public name or a fixed one.',
    });
  })
  .transform((value) => ({
    ...PLAIN_UPSTREAM,
    ...value,
    tls: value.scheme === 'http' ? { kind: 'system' as const } : value.tls,
  }));

export const appInput = z.strictObject({
  name: line(80),
  description: paragraph(1000).default(''),
  hosts: listOf(hostname, 50).refine((hosts): hosts is [Hostname, ...Hostname[]] => hosts.length > 0, {
    message: 'An app has at least one public host name. Add it.',
  }),
  showInLauncher: z.boolean().default(true),
  enabled: z.boolean().default(true),
  siteId: id,
  upstream,
  identityHeaders: listOf(z.enum(IDENTITY_HEADER_FAMILIES), IDENTITY_HEADER_FAMILIES.length).default([]),
  maxSessionMs: z
    .int('Give a whole number of milliseconds, or nothing.')
    .min(MINUTE_MS, 'The shortest is one minute.')
    .max(LONGEST_SESSION_MS, 'The longest is seven days.')
    .nullable()
    .default(null),
  /** Absent: stays as it is. */
  ownerUserId: id.nullable().optional(),
});

export const assignmentsInput: z.ZodType<Assignment[]> = listOf(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('everyone') }),
    z.strictObject({ kind: z.literal('user'), userId: id }),
    z.strictObject({ kind: z.literal('group'), groupId: id }),
  ]),
  400,
  (assignment) => JSON.stringify(assignment),
);

/** One or more certificates, nothing else, in PEM (RFC 7468 §5). */
function readCertificates(text: string): string | null {
  const blocks = text.match(PEM_BLOCK) ?? [];
  if (blocks.length === 0 || text.replace(PEM_BLOCK, '').trim() !== '') return null;
  return blocks.every((block) => certificateOf(block) !== null) ? `${blocks.join('\n')}\n` : null;
}

const PEM_BLOCK = /-----BEGIN CERTIFICATE-----[A-Za-z0-9+/=\s]+-----END CERTIFICATE-----/g;

function readFingerprint(text: string): string | null {
  const digits = text.replace(/[:\s]/g, '').toLowerCase();
  if (/^[0-9a-f]{64}$/.test(digits)) return digits;
  const certificate = readCertificates(text) === null ? null : certificateOf(text);
  return certificate && createHash('sha256').update(certificate.raw).digest('hex');
}

function certificateOf(pem: string): X509Certificate | null {
  try {
    return new X509Certificate(pem);
  } catch {
    return null;
  }
}
