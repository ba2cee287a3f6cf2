// How an app's requests travel, as forms and rows give it: every limit with its sentence.
import { z } from 'zod';
import { PLAIN_TRAFFIC, type Traffic } from '#server/core/app.ts';
import { isPlainPath } from '#server/core/upstream-of.ts';
import { listOf, paragraph, read } from './field.ts';
import { headerEdits } from './header-edit.ts';
import type { UpstreamInput } from './upstream.ts';

export type TrafficInput = Omit<Traffic, 'routes'> & { routes: readonly { prefix: string; upstream: UpstreamInput }[] };

const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const MAX_ROUTES = 20;
const MAX_PATH = 500;

const timeout = wholeNumber(100, HOUR_MS, 'Give 100 milliseconds to one hour, or nothing for the gateway’s own.');
const atOnce = wholeNumber(1, 100_000, 'Give a whole number from 1 to 100,000, or nothing for the gateway’s own.');

const prefix: z.ZodType<string> = z.string().transform((text, context) => {
  // People write `/api/`; it means the same whole segments.
  const path = text.trim().replace(/(?<=[^/])\/$/, '');
  const problem = prefixProblem(path);
  if (problem === null) return path;
  context.addIssue({ code: 'custom', message: problem });
  return z.NEVER;
});

const healthCheck = z.strictObject({
  path: read(
    (text) => (/^\/[\x21-\x22\x24-\x7e]*$/.test(text) ? text : null),
    'This is no path. Write one such as /healthz, without a host name and without #.',
    MAX_PATH,
  ),
  everyMs: z
    .int('Give 1 second to 10 minutes.')
    .min(SECOND_MS, 'Give at least 1 second.')
    .max(600 * SECOND_MS, 'Give at most 10 minutes.'),
});

const maintenance = paragraph(1000)
  .refine((text) => text !== '', {
    message: 'This is empty. Write what people should read meanwhile, or open the app again.',
  })
  .nullable();

export function trafficSchema(upstream: z.ZodType<UpstreamInput>): z.ZodType<TrafficInput> {
  const { timeouts, concurrency } = PLAIN_TRAFFIC;
  return z.strictObject({
    routes: listOf(z.strictObject({ prefix, upstream }), MAX_ROUTES, (route) => route.prefix).default([]),
    mapLocation: z.boolean().default(PLAIN_TRAFFIC.mapLocation),
    mapCookieDomain: z.boolean().default(PLAIN_TRAFFIC.mapCookieDomain),
    requestHeaders: headerEdits.default([]),
    responseHeaders: headerEdits.default([]),
    timeouts: z.strictObject({ connect: timeout, headers: timeout, idle: timeout }).default(timeouts),
    concurrency: z.strictObject({ app: atOnce, person: atOnce }).default(concurrency),
    healthCheck: healthCheck.nullable().default(null),
    maintenance: maintenance.default(null),
  });
}

function prefixProblem(path: string): string | null {
  if (!path.startsWith('/')) return 'A path begins with a slash. Write one such as /api.';
  if (path === '/') return 'Every path begins with this one. Change the app’s own upstream instead.';
  if (path.length > MAX_PATH) return `This is too long. Use at most ${MAX_PATH} characters.`;
  if (/[?#]/.test(path)) return 'A query or a fragment chooses no upstream. Write the path alone, without ? and #.';
  if (!/^[\x21-\x7e]*$/.test(path) || /%(?![0-9A-F]{2})/i.test(path)) {
    return 'Write the path as browsers send it: ASCII, everything else percent-encoded, as in /caf%C3%A9.';
  }
  if (!isPlainPath(path)) {
    return 'Servers read this path in different ways. Write it without dot segments, double slashes, ; and \\, and percent-encode nothing but what has to be, in capitals.';
  }
  if (/^\/(\.foyer|\.well-known\/foyer)(\/|$)/.test(path))
    return 'Foyer answers at this path itself. Choose another one.';
  return null;
}

/** Or null, which is also what is meant when it is left out. */
function wholeNumber(least: number, most: number, sentence: string): z.ZodType<number | null> {
  return z.int(sentence).min(least, sentence).max(most, sentence).nullable().default(null);
}
