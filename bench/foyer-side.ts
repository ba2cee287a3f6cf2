// A real Foyer for a bench: one gateway, one app, one signed-in session whose grant is made with the installation's own secret.
import { randomBytes } from 'node:crypto';
import { grantKey, sealGrant } from '#server/core/grant.ts';
import { parseHostname } from '#server/core/hostname.ts';
import { NONCE_BYTES } from '#server/core/seal.ts';
import { parsePortal } from '#server/core/snapshot.ts';
import { verifyPassword } from '#server/store/accounts.ts';
import { openStore } from '#server/store/handle.ts';
import { loadSecret } from '#server/store/secret.ts';
import { createSession } from '#server/store/sessions.ts';
import { addToCatalogue } from '../e2e/system/catalogue.ts';
import { type Foyer, startFoyer } from '../e2e/system/foyer.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { commandLine, processTree } from './cpu.ts';

export const APP_HOST = 'bench.corp.localhost';
const PERSON = { email: 'bench@corp.example', password: 'bench-password-1' };

export type BenchFoyer = {
  port: number;
  /** The Cookie header of the signed-in session. */
  cookie: string;
  pids(program: 'gateway' | 'portal'): number[];
  foyer: Foyer;
};

export async function startBenchFoyer(upstreamPort: number, gateways: number): Promise<BenchFoyer> {
  const port = await freePort();
  const portalUrl = `http://portal.localhost:${port}`;
  const foyer = await startFoyer(portalUrl, { FOYER_LISTEN: `127.0.0.1:${port}`, FOYER_GATEWAYS: String(gateways) });
  const endpoints = [{ address: '127.0.0.1', port: upstreamPort }];
  const seeded = await addToCatalogue(
    { dataDir: foyer.dataDir, portalUrl },
    {
      users: [{ ...PERSON, name: 'Bench' }],
      sites: [{ name: 'Bench', endpoints }],
      apps: [
        {
          name: 'Bench app',
          hosts: [APP_HOST],
          site: 'Bench',
          upstream: { scheme: 'http', host: '127.0.0.1', port: upstreamPort },
          access: ['everyone'],
        },
      ],
    },
  );
  const cookie = await signIn(foyer.dataDir, portalUrl, seeded.ids['Bench app'] ?? '');
  const pids = (program: string) =>
    processTree(foyer.child.pid).filter((pid) => commandLine(pid).includes(`server/${program}.ts`));
  return { port, cookie, pids, foyer };
}

async function signIn(dataDir: string, portalUrl: string, appId: string): Promise<string> {
  const portal = parsePortal(portalUrl, parseHostname);
  const host = parseHostname(APP_HOST);
  const loaded = loadSecret({ env: {}, dataDir });
  if (!portal || !host || loaded.kind === 'invalid')
    throw new Error('The bench’s own Foyer has no portal or no secret.');
  const store = await openStore({ dataDir, secret: loaded.secret, portal, now: Date.now });
  const verdict = await verifyPassword(store, { ...PERSON, address: null });
  if (verdict.kind !== 'ok') throw new Error('The bench’s own person is refused.');
  const { userId, passwordHash } = verdict;
  const verified = { kind: 'password', passwordHash } as const;
  const session = await createSession(store, { userId, verified, kind: 'standard', address: null, userAgent: null });
  await store.close();
  if (!session) throw new Error('The bench’s own person cannot sign in.');
  const grant = { sessionId: session.id, appId, host, issuedAt: Date.now(), expiresAt: session.expiresAt };
  return `__Host-foyer-grant=${sealGrant(grantKey(loaded.secret, appId, host), randomBytes(NONCE_BYTES), grant)}`;
}
