// `foyer login` by the portal's page (RFC 8628): a short code for the person, and polls until they have decided there.
import { hostname } from 'node:os';
import { z } from 'zod';
import { systemText } from './join.ts';
import type { PortalClient } from './portal-client.ts';

/** What the person is shown: the page with the code in its address, and without. Times are epoch milliseconds. */
export type DevicePrompt = { url: string; urlWithCode: string; userCode: string; expiresAt: number };

export type DeviceToken = { kind: 'token'; token: string } | { kind: 'invalid'; sentence: string };

/** Time and the way to wait, in ms. */
export type Pace = { now(): number; wait(ms: number): Promise<void> };

const PAGE = '/sign-in/device';
const CLIENT = { client_id: 'foyer' };
const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
/** What a server that says nothing of it means, and what `slow_down` adds each time (RFC 8628 §3.2, §3.5). */
const STEP_SECONDS = 5;
const LONGEST_INTERVAL_SECONDS = 60;

const started = z.object({
  ...{ device_code: z.string().min(1), user_code: z.string().regex(/^[A-Za-z0-9-]{1,40}$/), verification_uri: z.url() },
  ...{ verification_uri_complete: z.url().optional(), expires_in: z.number().positive().max(3600) },
  interval: z.number().min(1).max(LONGEST_INTERVAL_SECONDS).default(STEP_SECONDS),
});
const fetched = z.object({ access_token: z.string().min(1) });

/** Asks for a login, shows it with `onPrompt`, and waits for the person's decision. */
export async function loginByPage(
  client: PortalClient,
  { now, wait }: Pace,
  onPrompt: (prompt: DevicePrompt) => void,
): Promise<DeviceToken> {
  const form = { ...CLIENT, machine: hostname(), os: systemText() };
  const asked = await client.ask({ method: 'POST', path: `${PAGE}/code`, form });
  if (asked.kind === 'unreachable') return invalid(asked.sentence);
  if (asked.kind === 'refused') return invalid(asked.status === 404 ? OLDER : asked.detail);
  const begun = started.safeParse(asked.json).data;
  // The page is the portal's own, whatever an answer says: nobody is sent elsewhere to sign in.
  if (!begun || new URL(begun.verification_uri).origin !== client.origin) return invalid(OLDER);
  // Written anew: a terminal obeys what stands raw in an answer.
  const url = new URL(begun.verification_uri).href;
  const expiresAt = now() + begun.expires_in * 1000;
  const complete = new URL(begun.verification_uri_complete ?? url);
  const isOwn = complete.origin === client.origin;
  onPrompt({ url, urlWithCode: isOwn ? complete.href : url, userCode: begun.user_code, expiresAt });
  return poll(client, { now, wait }, { deviceCode: begun.device_code, seconds: begun.interval, expiresAt });
}

/** A portal that cannot be reached for a while is asked again, until the code is over. */
async function poll(
  client: PortalClient,
  { now, wait }: Pace,
  { deviceCode, seconds, expiresAt }: { deviceCode: string; seconds: number; expiresAt: number },
): Promise<DeviceToken> {
  const form = { ...CLIENT, grant_type: GRANT_TYPE, device_code: deviceCode };
  for (let everySeconds = seconds; now() < expiresAt; ) {
    await wait(everySeconds * 1000);
    const asked = await client.ask({ method: 'POST', path: `${PAGE}/token`, form });
    if (asked.kind === 'answer') {
      const token = fetched.safeParse(asked.json).data?.access_token;
      return token === undefined ? invalid(OLDER) : { kind: 'token', token };
    }
    if (asked.kind === 'unreachable' || asked.error === 'slow_down')
      everySeconds = Math.min(everySeconds + STEP_SECONDS, LONGEST_INTERVAL_SECONDS);
    else if (asked.error !== 'authorization_pending') return invalid(asked.detail);
  }
  return invalid('Nobody approved the login in time. Run foyer login again.');
}

const OLDER = 'The portal does not sign command lines in by its page. Use --token-file - and paste a token.';

function invalid(sentence: string): DeviceToken {
  return { kind: 'invalid', sentence };
}
