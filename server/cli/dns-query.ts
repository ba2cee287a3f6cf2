// `foyer dns query NAME`: asks the portal over HTTPS, so that it works while no resolver runs here.
import { z } from 'zod';
import type { Environment } from '../config.ts';
import { createPortalClient } from './portal-client.ts';
import { portalAddress, readLogin, stateDir } from './state-files.ts';

export const NOT_AUTHENTICATED = "not authenticated. Run 'foyer login' first";

const resolved = z.object({ name: z.string(), addresses: z.array(z.string()) });

/** What kept it from working, in sentences. */
export async function dnsQuery(
  name: string,
  options: { json: boolean; ca?: string; stateDir?: string },
  env: Environment,
): Promise<readonly string[]> {
  const dir = stateDir(options.stateDir, env);
  const login = readLogin(dir);
  if (!login) return [NOT_AUTHENTICATED];
  const caFile = options.ca ?? env.FOYER_UPSTREAM_CA ?? login.caFile;
  const made = createPortalClient(login.portal, caFile, portalAddress(dir, login.portal));
  if (made.kind === 'invalid') return [made.sentence];
  const asked = await made.client.ask({ method: 'POST', path: '/dns/resolve', token: login.token, body: { name } });
  if (asked.kind === 'unreachable') return [asked.sentence];
  if (asked.kind === 'refused') return asked.status === 401 ? [NOT_AUTHENTICATED, asked.detail] : [asked.detail];
  const found = resolved.safeParse(asked.json).data;
  if (!found) return [`${login.portal} answers what this version does not understand.`];
  const lines = found.addresses.map((address) => `${found.name} -> ${address}`);
  process.stdout.write(options.json ? `${JSON.stringify(found)}\n` : `${lines.join('\n')}\n`);
  return [];
}
