// Where an app's bytes go, as forms and rows give it: an app's own upstream, and those of its paths.
import { z } from 'zod';
import { type Address, parseAddress, parseLegacyAddress } from '#server/core/address.ts';
import type { HostHeader, Upstream, UpstreamPlace, UpstreamProtocol, UpstreamTls } from '#server/core/app.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import { type CertificateInput, certificates, fingerprint } from './certificate.ts';
import { hostname, listOf, port, read } from './field.ts';

/** An upstream whose certificate is still to be sealed, or to be found where it is kept. */
export type UpstreamInput = Omit<Upstream, 'clientCertificate'> & { clientCertificate: CertificateInput | null };

const MAX_REPLICAS = 16;

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

const place: z.ZodType<UpstreamPlace> = z.strictObject({ host: upstreamHost, port });

const hostHeader: z.ZodType<HostHeader> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('public') }),
  z.strictObject({ kind: z.literal('internal') }),
  z.strictObject({ kind: z.literal('fixed'), value: hostname }),
]);

const tls: z.ZodType<UpstreamTls> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('system') }),
  z.strictObject({ kind: z.literal('ca'), pem: certificates }),
  z.strictObject({ kind: z.literal('pinned'), sha256: fingerprint }),
  z.strictObject({ kind: z.literal('unverified') }),
]);

const PROTOCOLS = ['http/1.1', 'h2'] as const satisfies readonly UpstreamProtocol[];
const protocol: z.ZodType<UpstreamProtocol> = z.enum(PROTOCOLS, { error: 'Choose http/1.1 or h2.' });

/** `certificate`: how a client certificate comes, from a form or from a row. */
export function upstreamSchema(certificate: z.ZodType<CertificateInput>): z.ZodType<UpstreamInput> {
  return z
    .strictObject({
      scheme,
      host: upstreamHost,
      port,
      hostHeader: hostHeader.default({ kind: 'public' }),
      tls: tls.default({ kind: 'system' }),
      protocol: protocol.default('http/1.1'),
      clientCertificate: certificate.nullable().default(null),
      replicas: listOf(place, MAX_REPLICAS, placeText).default([]),
    })
    .superRefine((upstream, context) => {
      for (const { path, message } of contradictions(upstream)) context.addIssue({ code: 'custom', path, message });
    })
    .transform((value) => (value.scheme === 'http' ? { ...value, tls: { kind: 'system' as const } } : value));
}

/** Every place of an upstream that a form names, with its path in the form. */
export function placesOf(upstream: UpstreamInput, path: string): { place: UpstreamPlace; path: string }[] {
  const replicas = upstream.replicas.map((replica, at) => ({ place: replica, path: `${path}.replicas.${at}` }));
  return [{ place: upstream, path }, ...replicas];
}

function contradictions(upstream: UpstreamInput): { path: (string | number)[]; message: string }[] {
  const found: { path: (string | number)[]; message: string }[] = [];
  if (upstream.hostHeader.kind === 'internal' && parseAddress(upstream.host) !== null) {
    const message =
      'The upstream is an address, so it has no internal name to send. Choose the public name or a fixed one.';
    found.push({ path: ['hostHeader'], message });
  }
  if (upstream.scheme === 'http' && upstream.clientCertificate !== null) {
    const message = 'Only over https can a certificate be shown. Choose https, or remove the certificate.';
    found.push({ path: ['clientCertificate'], message });
  }
  const first = placeText(upstream);
  const again = upstream.replicas.findIndex((replica) => placeText(replica) === first);
  if (again !== -1) found.push({ path: ['replicas', again], message: 'This is the first place again. Remove it.' });
  return found;
}

function placeText({ host, port }: UpstreamPlace): string {
  return `${host} ${port}`;
}
