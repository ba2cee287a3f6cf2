// An app as forms and files give it: every text parsed into core's types, every key known.
import { z } from 'zod';
import { type AppIcon, IDENTITY_HEADER_FAMILIES, PLAIN_LOOK, PLAIN_TRAFFIC, SHIPPED_ICONS } from '#server/core/app.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type { Assignment } from '#server/core/policy.ts';
import { type CertificateInput, pastedCertificate, sealedCertificate } from './certificate.ts';
import { hostname, id, line, lineOrNone, listOf, paragraph } from './field.ts';
import { supportContact } from './support.ts';
import { trafficSchema } from './traffic.ts';
import { type UpstreamInput, upstreamSchema } from './upstream.ts';

export type AppInput = z.output<typeof appInput>;

const MINUTE_MS = 60_000;
const LONGEST_SESSION_MS = 7 * 24 * 60 * MINUTE_MS;

const appIcon: z.ZodType<AppIcon> = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('drawn') }),
  z.strictObject({
    kind: z.literal('shipped'),
    name: z.enum(SHIPPED_ICONS, 'This is none of the icons that Foyer brings. Choose one of them.'),
  }),
  z.strictObject({
    kind: z.literal('uploaded'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, 'This is no uploaded icon. Upload the picture again.'),
  }),
]);

/** From a form or a file. */
export const appInput = appSchema(pastedCertificate);

/** From a row, whose keys are open. */
export const appStored = appSchema(sealedCertificate);

export const assignmentsInput: z.ZodType<Assignment[]> = listOf(
  z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('everyone') }),
    z.strictObject({ kind: z.literal('user'), userId: id }),
    z.strictObject({ kind: z.literal('group'), groupId: id }),
  ]),
  400,
  (assignment) => JSON.stringify(assignment),
);

/** An app's upstreams: its own, then those of its routes. With each one's path in the form. */
export function upstreamsOf(app: AppInput): readonly { upstream: UpstreamInput; path: string }[] {
  const routes = app.traffic.routes.map(({ upstream }, at) => ({ upstream, path: `traffic.routes.${at}.upstream` }));
  return [{ upstream: app.upstream, path: 'upstream' }, ...routes];
}

function appSchema(certificate: z.ZodType<CertificateInput>) {
  const upstream = upstreamSchema(certificate);
  return z.strictObject({
    name: line(80),
    description: paragraph(1000).default(''),
    category: lineOrNone(40).default(PLAIN_LOOK.category),
    support: supportContact.default(PLAIN_LOOK.support),
    icon: appIcon.default({ ...PLAIN_LOOK.icon }),
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
    traffic: trafficSchema(upstream).default({ ...PLAIN_TRAFFIC, routes: [] }),
    /** Absent: stays as it is. */
    ownerUserId: id.nullable().optional(),
  });
}
