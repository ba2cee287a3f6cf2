// An organisation for tests of the command line: a real Foyer, a person with a login token, and commands run as people run them.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { addToCatalogue } from '../../e2e/system/catalogue.ts';
import { type Child, startChild } from '../../e2e/system/child.ts';
import { type Foyer, foyerCommand, startFoyer } from '../../e2e/system/foyer.ts';
import { freePort } from '../../e2e/system/free-port.ts';
import type { Machine } from '../../e2e/system/network.ts';
import { parseHostname } from '../core/hostname.ts';
import { parsePortal } from '../core/snapshot.ts';
import { openStore, type Store } from '../store/handle.ts';
import { createLoginToken } from '../store/login-tokens.ts';
import { loadSecret } from '../store/secret.ts';
import { saveSetting } from '../store/settings.ts';
import { SYSTEM, saved, signedIn } from '../store/testing/temporary-store.ts';

export const ZONE = 'yourorg.zt.net';

export type Ran = { code: number | null; stdout: string; stderr: string; lines: string };

export type Organisation = {
  foyer: Foyer;
  store: Store;
  /** People's ids by their first names: `grace`, `linus`. */
  people: Readonly<Record<string, string>>;
  loginToken(person: string): Promise<string>;
  /** A folder for one machine's own files. */
  stateDir(): string;
  /** Runs `foyer …` to its end. */
  run(args: readonly string[], options?: { input?: string; env?: Record<string, string> }): Promise<Ran>;
  start(args: readonly string[], options?: { env?: Record<string, string> }): Child;
  stop(): Promise<void>;
};

/** `machine`: where all of it runs. `certificate`: for `host`, as file names; without one the portal speaks http. */
export type OrganisationOptions = {
  machine?: Machine;
  host?: string;
  certificate?: { certFile: string; keyFile: string };
};

/** The zone is the seed's, and machines are asked for a heartbeat as often as may be. */
export async function startOrganisation({
  machine,
  host = 'portal.localhost',
  certificate,
}: OrganisationOptions = {}): Promise<Organisation> {
  const port = await freePort();
  const scheme = certificate ? 'https' : 'http';
  const settings = {
    ...{ FOYER_LISTEN: `${scheme}://127.0.0.1:${port}`, FOYER_GATEWAYS: '1', FOYER_METRICS_LISTEN: 'off' },
    ...(certificate ? { FOYER_TLS_CERTS: `${certificate.certFile}:${certificate.keyFile}` } : {}),
  };
  const foyer = await startFoyer(`${scheme}://${host}:${port}`, settings, machine);
  const { ids } = await addToCatalogue(foyer, {
    users: ['grace', 'linus'].map((name) => ({
      ...{ email: `${name}@corp.example`, name, password: 'correct horse battery' },
    })),
  });
  const people = { grace: ids['grace@corp.example'] ?? '', linus: ids['linus@corp.example'] ?? '' };
  const portal = parsePortal(foyer.portalUrl, parseHostname);
  const loaded = loadSecret({ env: {}, dataDir: foyer.dataDir });
  if (!portal || loaded.kind === 'invalid') throw new Error('no portal or no secret');
  const store = await openStore({ dataDir: foyer.dataDir, secret: loaded.secret, portal, now: Date.now });
  saved(await saveSetting(store, SYSTEM, 'machines', { zone: ZONE, heartbeatSeconds: 5 }));
  const scratch = mkdtempSync(join(tmpdir(), 'foyer-cli-'));
  const children: Child[] = [];
  const enter = machine?.enter ?? [];
  const start: Organisation['start'] = (args, options = {}) => {
    const child = startChild([...enter, ...foyerCommand(...args)], options);
    children.push(child);
    return child;
  };
  return {
    foyer,
    store,
    people,
    loginToken: async (person) =>
      saved(await createLoginToken(store, await signedIn(store, people[person as 'grace']))).token,
    stateDir: () => mkdtempSync(join(scratch, 'state-')),
    run: (args, options = {}) => ran([...enter, ...foyerCommand(...args)], options),
    start,
    async stop() {
      await Promise.all(children.map((child) => child.stop('SIGKILL')));
      await store.close();
      await foyer.stop();
      rmSync(scratch, { recursive: true });
    },
  };
}

/** With both outputs apart. */
async function ran(
  command: readonly string[],
  options: { input?: string; env?: Record<string, string> },
): Promise<Ran> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { env: { ...process.env, ...options.env } });
  child.stdin.on('error', () => {});
  child.stdin.end(options.input ?? '');
  const texts = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      texts[name] += text;
    });
  }
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { code, ...texts, lines: texts.stdout + texts.stderr };
}
