// `foyer login` and `foyer logout`: a person's token, from the portal's page or pasted, checked with the portal and kept for this person alone.
import { resolve } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Environment } from '../config.ts';
import type { Address } from '../core/address.ts';
import { tokenForm } from '../core/api-token.ts';
import { type DevicePrompt, type DeviceToken, loginByPage } from './device-login.ts';
import { createPortalClient, type PortalClient, readPortalUrl } from './portal-client.ts';
import { readSecret } from './read-secret.ts';
import {
  forgetLogin,
  forgetMachine,
  forgetNames,
  forgetPortalAddress,
  namesSchema,
  portalAddress,
  readLogin,
  saveLogin,
  stateDir,
} from './state-files.ts';
import { timeText } from './time-text.ts';

/** `tokenFile`: `-` is the terminal or a pipe. */
export type LoginOptions = { portal?: string; tokenFile?: string; ca?: string; stateDir?: string; json?: boolean };

const NEEDED = ['machines:read', 'machines:write'];
const thisToken = z.object({
  ...{ owner: z.object({ email: z.string() }), scopes: z.array(z.string()), expiresAt: z.number() },
});

/** What kept it from working, in sentences. */
export async function login(options: LoginOptions, env: Environment): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const before = readLogin(dir);
  const address = options.portal ?? before?.portal ?? env.FOYER_PORTAL_URL;
  if (!address) return ['Name the portal: foyer login https://portal.example.com'];
  const portal = readPortalUrl(address);
  if (portal.kind === 'invalid') return [portal.sentence];
  const { origin } = portal;
  const kept = before?.portal === origin ? before.caFile : null;
  const ca = options.ca ?? env.FOYER_UPSTREAM_CA ?? kept;
  const caFile = ca ? resolve(ca) : null;
  const last = portalAddress(dir, origin);
  let reached: Address | null = null;
  // A login that fails keeps nothing.
  const made = createPortalClient(origin, caFile, { read: last.read, save: (address) => (reached = address) });
  if (made.kind === 'invalid') return [made.sentence];
  const got = await tokenFrom(made.client, options);
  if (got.kind === 'invalid') return [got.sentence];
  const { token } = got;
  const form = tokenForm(token);
  if (form === 'foreign') return ['This is no token of Foyer: those begin with foyer_. Copy it again.'];
  if (form === 'damaged') return ['A part of this token is missing or mistyped. Copy it again.'];
  const asked = await made.client.ask({ method: 'GET', path: '/token', token });
  if (asked.kind === 'unreachable') return [asked.sentence];
  if (asked.kind === 'refused') return [asked.detail];
  const known = thisToken.safeParse(asked.json).data;
  if (!known) return [`${origin} does not say whose token this is. Is it a newer or older Foyer?`];
  const lacking = NEEDED.filter((scope) => !known.scopes.includes(scope));
  if (lacking.length > 0) {
    return [`This token lacks ${lacking.join(' and ')}. Make one for a machine at ${origin}/machines.`];
  }
  const list = await made.client.ask({ method: 'GET', path: '/names', token });
  if (list.kind === 'unreachable') return [list.sentence];
  const names = list.kind === 'answer' ? namesSchema.safeParse(list.json).data : undefined;
  if (!names) return [list.kind === 'refused' ? list.detail : `${origin} does not say how its machines are called.`];
  const { owner, expiresAt } = known;
  if (before && before.portal !== origin) {
    forgetMachine(dir);
    forgetNames(dir);
  }
  saveLogin(dir, { portal: origin, token, email: owner.email, zone: names.zone, expiresAt, caFile });
  if (reached !== null) last.save(reached);
  const said = options.json
    ? JSON.stringify({ portal: origin, email: owner.email, expiresAt })
    : `Signed in at ${origin} as ${owner.email}, until ${timeText(expiresAt)}.`;
  process.stdout.write(`${said}\n`);
  return [];
}

/** From a file, or what is in a pipe; else a person says so on the portal's page. */
async function tokenFrom(client: PortalClient, { tokenFile, json }: LoginOptions): Promise<DeviceToken> {
  const prompt = `Paste the token from ${client.origin}/machines (it is not shown): `;
  const read =
    tokenFile !== undefined
      ? await readSecret(tokenFile === '-' ? undefined : tokenFile, prompt)
      : process.stdin.isTTY || json
        ? null
        : await readSecret(undefined, prompt);
  if (read?.kind === 'secret') return { kind: 'token', token: read.secret };
  if (read?.kind === 'invalid' && tokenFile !== undefined) return read;
  const pace = { now: Date.now, wait: (ms: number) => wait(ms) };
  return loginByPage(client, pace, (shown) => process.stdout.write(json ? jsonOf(shown) : promptText(shown)));
}

function promptText({ url, urlWithCode, userCode, expiresAt }: DevicePrompt): string {
  return [
    `Open this page in a browser, on this machine or another, and approve the login:`,
    `  ${urlWithCode}`,
    `At ${url} the code to type is ${userCode}. It is good until ${timeText(expiresAt)}.`,
    '',
  ].join('\n');
}

function jsonOf(prompt: DevicePrompt): string {
  return `${JSON.stringify(prompt)}\n`;
}

/** The token itself lives on until it is revoked in the portal, which is said. */
export function logout(options: { stateDir?: string }, env: Environment): void {
  const dir = stateDir(options.stateDir, env);
  const before = readLogin(dir);
  forgetLogin(dir);
  forgetPortalAddress(dir);
  process.stdout.write(
    before
      ? `Signed out: the token is forgotten here. Revoke it at ${before.portal}/machines if somebody else may have it.\n`
      : 'Nobody was signed in here.\n',
  );
}
