// `foyer login` and `foyer logout`: a person's token, checked with the portal and kept for this person alone.
import { resolve } from 'node:path';
import { z } from 'zod';
import type { Environment } from '../config.ts';
import { tokenForm } from '../core/api-token.ts';
import { createPortalClient, readPortalUrl } from './portal-client.ts';
import { readSecret } from './read-secret.ts';
import { forgetLogin, forgetMachine, forgetNames, namesSchema, readLogin, saveLogin, stateDir } from './state-files.ts';
import { timeText } from './time-text.ts';

export type LoginOptions = { portal?: string; tokenFile?: string; ca?: string; stateDir?: string };

const NEEDED = ['machines:read', 'machines:write'];
const thisToken = z.object({
  ...{ owner: z.object({ email: z.string() }), scopes: z.array(z.string()), expiresAt: z.number() },
});

/** What kept it from working, in sentences. */
export async function login(options: LoginOptions, env: Environment): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const before = readLogin(dir);
  const address = options.portal ?? before?.portal ?? env.FOYER_PORTAL_URL;
  if (!address) return ['Name the portal: foyer login --portal https://portal.example.com'];
  const portal = readPortalUrl(address);
  if (portal.kind === 'invalid') return [portal.sentence];
  const { origin } = portal;
  const kept = before?.portal === origin ? before.caFile : null;
  const ca = options.ca ?? env.FOYER_UPSTREAM_CA ?? kept;
  const caFile = ca ? resolve(ca) : null;
  const made = createPortalClient(origin, caFile);
  if (made.kind === 'invalid') return [made.sentence];
  const read = await readSecret(options.tokenFile, `Paste the token from ${origin}/machines (it is not shown): `);
  if (read.kind === 'invalid') return [read.sentence];
  const token = read.secret;
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
  process.stdout.write(`Signed in at ${origin} as ${owner.email}, until ${timeText(expiresAt)}.\n`);
  return [];
}

/** The token itself lives on until it is revoked in the portal, which is said. */
export function logout(options: { stateDir?: string }, env: Environment): void {
  const dir = stateDir(options.stateDir, env);
  const before = readLogin(dir);
  forgetLogin(dir);
  process.stdout.write(
    before
      ? `Signed out: the token is forgotten here. Revoke it at ${before.portal}/machines if somebody else may have it.\n`
      : 'Nobody was signed in here.\n',
  );
}
