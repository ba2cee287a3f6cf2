// The door for command lines that sign in (RFC 8628): starts a login, and hands its token out once a person has approved it. No cookie counts here.
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Buckets } from '#server/core/buckets.ts';
import { machineNameFrom } from '#server/core/machine.ts';
import type { Portal } from '#server/core/snapshot.ts';
import type { Logger } from '#server/log.ts';
import { type DevicePoll, pollDeviceLogin, startDeviceLogin } from '#server/store/device-logins.ts';
import type { Store } from '#server/store/handle.ts';
import { LOGIN_SCOPES } from '#server/store/login-tokens.ts';
import { addressKey } from '#server/store/throttle.ts';

/** Where the person goes (RFC 8628 §3.3: short enough to be typed); the two other paths are the command line's. */
const DEVICE_PAGE = '/sign-in/device';
type DeviceEndpoint = 'start' | 'poll';
const ENDPOINTS: ReadonlyMap<string, DeviceEndpoint> = new Map([
  [`${DEVICE_PAGE}/code`, 'start'],
  [`${DEVICE_PAGE}/token`, 'poll'],
]);

const GRANT_TYPE = 'urn:ietf:params:oauth:grant-type:device_code';
/** The one client there is; it is public (RFC 8628 §3.1), so its name proves nothing. */
const DEVICE_CLIENT = 'foyer';
const SCOPE = LOGIN_SCOPES.join(' ');
export const MAX_DEVICE_FORM_BYTES = 4 * 1024;
/** Of one address, before the store is asked: all the logins that may wait there poll every three seconds. */
const DEVICE_ASKS_PER_MINUTE = 300;
const DEVICE_ASKS_AT_ONCE = 60;
const ASK_RATE = { perSecond: DEVICE_ASKS_PER_MINUTE / 60, burst: DEVICE_ASKS_AT_ONCE };
export const MOST_ASKERS_COUNTED = 100_000;
const MAX_OS_LENGTH = 40;

export function deviceEndpoint(path: string): DeviceEndpoint | null {
  return ENDPOINTS.get(path) ?? null;
}

/** `asks` counts those of each address; `maySayFull` keeps the log from being filled by what anybody may do. */
export type DeviceDoor = { store: Store; portal: Portal; log: Logger; asks: Buckets; maySayFull(now: number): boolean };

/** An answer as RFC 6749 §5 and RFC 8628 §3 have it. */
type Answer = { status: number; body: Record<string, string | number>; retryAfterMs?: number };

export async function answerDevice(
  endpoint: DeviceEndpoint,
  { request, response }: { request: IncomingMessage; response: ServerResponse },
  door: DeviceDoor,
): Promise<void> {
  const address = request.headers['x-forwarded-for']?.toString() ?? null;
  const waitMs = door.asks.take(addressKey(address), ASK_RATE, door.store.now());
  const form = waitMs > 0 ? 'Not read.' : await readForm(request);
  const { status, body, retryAfterMs } =
    waitMs > 0
      ? tooFast(endpoint, waitMs)
      : typeof form === 'string'
        ? refused('invalid_request', form)
        : endpoint === 'start'
          ? await start(form, { ...door, address })
          : await poll(form, door.store);
  if (retryAfterMs !== undefined) response.setHeader('retry-after', String(Math.ceil(retryAfterMs / 1000)));
  response.setHeader('pragma', 'no-cache');
  response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' });
  response.end(`${JSON.stringify(body)}\n`);
}

/** RFC 8628 §3.1 and §3.2; `machine` and `os` are what this client says of itself besides. */
async function start(
  form: ReadonlyMap<string, string>,
  { store, portal, log, maySayFull, address }: DeviceDoor & { address: string | null },
): Promise<Answer> {
  if (form.get('client_id') !== DEVICE_CLIENT) return refused('invalid_client', 'The only client is foyer.');
  const scope = form.get('scope') ?? SCOPE;
  if (scope.split(' ').sort().join(' ') !== [...LOGIN_SCOPES].sort().join(' '))
    return refused('invalid_scope', `A login has the scope ${SCOPE}, no more and no less.`);
  const machine = machineNameFrom(form.get('machine') ?? '') ?? 'unnamed';
  const os = plain(form.get('os') ?? '').slice(0, MAX_OS_LENGTH);
  const started = await startDeviceLogin(store, { machine, os, address });
  if (started.kind === 'full') {
    const { whose, retryAfterMs } = started;
    if (whose === 'everybody' && maySayFull(store.now()))
      log.warn('as many command lines wait to be signed in as may: more are refused');
    const description = `Too many logins wait ${whose === 'address' ? 'at this address' : 'already'}. Try again later.`;
    const status = whose === 'address' ? 429 : 503;
    const body = { error: 'temporarily_unavailable', error_description: description };
    return { status, body, retryAfterMs };
  }
  const page = `${portal.origin}${DEVICE_PAGE}`;
  const body = {
    ...{ device_code: started.deviceCode, user_code: started.userCode },
    ...{ verification_uri: page, verification_uri_complete: `${page}?code=${started.userCode}` },
    expires_in: Math.floor((started.expiresAt - store.now()) / 1000),
    interval: Math.ceil(started.intervalMs / 1000),
  };
  return { status: 200, body };
}

/** RFC 8628 §3.4 and §3.5. */
async function poll(form: ReadonlyMap<string, string>, store: Store): Promise<Answer> {
  if (form.get('client_id') !== DEVICE_CLIENT) return refused('invalid_client', 'The only client is foyer.');
  if (form.get('grant_type') !== GRANT_TYPE)
    return refused('unsupported_grant_type', `The only grant type is ${GRANT_TYPE}.`);
  const polled = await pollDeviceLogin(store, form.get('device_code') ?? '');
  if (polled.kind !== 'token') return refused(polled.kind, DESCRIPTIONS[polled.kind]);
  const body = {
    ...{ access_token: polled.token, token_type: 'Bearer', scope: polled.scopes.join(' ') },
    expires_in: Math.floor((polled.expiresAt - store.now()) / 1000),
  };
  return { status: 200, body };
}

const DESCRIPTIONS: Record<Exclude<DevicePoll['kind'], 'token'>, string> = {
  authorization_pending: 'Nobody has decided yet.',
  slow_down: 'This asks too often. Wait five seconds longer between two requests.',
  access_denied: 'The login was refused in the portal.',
  expired_token: 'Nobody approved the login in time. Run foyer login again.',
  invalid_grant: 'This code is unknown, or was used before. Run foyer login again.',
};

/** A poll that comes too fast is told so in the protocol's own word. */
function tooFast(endpoint: DeviceEndpoint, retryAfterMs: number): Answer {
  const error = endpoint === 'poll' ? 'slow_down' : 'temporarily_unavailable';
  const body = {
    error,
    error_description: 'Too many requests come from this address. Wait as long as Retry-After says.',
  };
  return { status: 429, body, retryAfterMs };
}

function refused(error: string, description: string): Answer {
  return { status: 400, body: { error, error_description: description } };
}

/** A form (RFC 6749 §3.2), or what is wrong with it. A parameter that stands there twice is none of this protocol. */
async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string> | string> {
  const [type = ''] = (request.headers['content-type'] ?? '').split(';');
  if (type.trim().toLowerCase() !== 'application/x-www-form-urlencoded')
    return 'Send a form: application/x-www-form-urlencoded.';
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > MAX_DEVICE_FORM_BYTES) return 'The form is too long.';
    chunks.push(chunk);
  }
  const fields = [...new URLSearchParams(Buffer.concat(chunks).toString('utf8'))];
  const form = new Map(fields);
  return form.size === fields.length ? form : 'A parameter is given twice.';
}

/** What systems call themselves, and too few letters for a sentence to whoever is to approve. */
function plain(text: string): string {
  return text.replace(/[^A-Za-z0-9 ._()-]/g, '');
}
