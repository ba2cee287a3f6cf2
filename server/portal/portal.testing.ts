// A portal for tests: the real program on a real store in a directory of its own, and a browser that is nothing but a cookie jar.
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { type IncomingHttpHeaders, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { pino } from 'pino';
import { readConfig } from '#server/config.ts';
import { startPortal } from '#server/portal.ts';
import { saveApp, setAssignments } from '#server/store/apps.ts';
import { migrateStore, openStore, type Store } from '#server/store/handle.ts';
import type { Actor, Saved } from '#server/store/saved.ts';
import { saveSite } from '#server/store/sites.ts';
import { saveUser } from '#server/store/users.ts';

export const ORIGIN = 'http://portal.localhost:8080';
export const HOST = 'portal.localhost:8080';
export const SYSTEM: Actor = { kind: 'system' };
export const PASSWORD = 'four plain words here';
export const SECRET = Buffer.alloc(32, 7);
const BUILT = join(import.meta.dirname, '../../.next/BUILD_ID');

export type TestPortal = {
  store: Store;
  socketPath: string;
  /** Every line that the program logged. */
  log: readonly string[];
  people: Record<'admin' | 'auditor' | 'owner' | 'member', string>;
  /** An app that only the member may open, and one that nobody may. */
  apps: { wiki: string; payroll: string };
  close(): Promise<void>;
};

export async function startTestPortal(): Promise<TestPortal> {
  if (!existsSync(BUILT)) throw new Error('The portal’s pages are not built: run `npm run build` first.');
  const dataDir = await mkdtemp(join(tmpdir(), 'foyer-portal-'));
  const read = readConfig({
    FOYER_PORTAL_URL: ORIGIN,
    FOYER_DATA_DIR: dataDir,
    FOYER_GATEWAY_NAME: 'gw.corp.example',
    // Nobody is there: no name of a test is asked for elsewhere.
    FOYER_PUBLIC_DNS: '127.0.0.1:9',
    FOYER_INSIDE_DNS: '127.0.0.1:9',
  });
  if (read.kind === 'invalid') throw new Error(read.problems.join(' '));
  const { config } = read;
  await migrateStore({ dataDir, now: Date.now });
  const store = await openStore({ dataDir, secret: SECRET, portal: config.portal, now: Date.now });
  const seeded = await seed(store);
  const log: string[] = [];
  const portal = await startPortal(config, SECRET, pino({ level: 'info' }, { write: (line) => void log.push(line) }));
  return {
    store,
    socketPath: portal.socketPath,
    log,
    ...seeded,
    close: async () => {
      await portal.close();
      await store.close();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

async function seed(store: Store): Promise<Pick<TestPortal, 'people' | 'apps'>> {
  const person = async (name: string, role: string) =>
    idOf(await saveUser(store, SYSTEM, null, { email: `${name}@corp.example`, name, role, password: PASSWORD }));
  const people = {
    admin: await person('admin', 'admin'),
    auditor: await person('auditor', 'auditor'),
    owner: await person('owner', 'app-owner'),
    member: await person('member', 'member'),
  };
  const siteId = idOf(await saveSite(store, SYSTEM, null, { name: 'Office', ranges: ['10.0.0.0/8'] }));
  const app = async (name: string, host: string) =>
    idOf(
      await saveApp(store, SYSTEM, null, {
        name,
        hosts: [host],
        siteId,
        upstream: { scheme: 'http', host: 'secret-name.corp.internal', port: 80 },
      }),
    );
  const apps = {
    wiki: await app('Wiki of ours', 'wiki.corp.localhost'),
    payroll: await app('Payroll of the board', 'pay.corp.localhost'),
  };
  idOf(await setAssignments(store, SYSTEM, apps.wiki, [{ kind: 'user', userId: people.member }]));
  return { people, apps };
}

export function idOf(saved: Saved): string {
  if (saved.kind !== 'saved') throw new Error(`Not saved: ${JSON.stringify(saved)}`);
  return saved.id;
}

export type Answer = { status: number; headers: IncomingHttpHeaders; body: string; location: string };

/** Sends what it is told to and keeps cookies as a browser does: by name, gone with Max-Age=0. */
export class TestBrowser {
  readonly cookies = new Map<string, string>();
  readonly #socketPath: string;

  constructor({ socketPath }: Pick<TestPortal, 'socketPath'>) {
    this.#socketPath = socketPath;
  }

  get(path: string, headers: Record<string, string> = {}): Promise<Answer> {
    return this.send('GET', path, { accept: 'text/html', ...headers });
  }

  /** A form as one of our own pages would send it. */
  post(path: string, fields: Record<string, string>, headers: Record<string, string> = {}): Promise<Answer> {
    const own = { origin: ORIGIN, 'content-type': 'application/x-www-form-urlencoded' };
    return this.send('POST', path, { ...own, ...headers }, new URLSearchParams(fields).toString());
  }

  /** A header of '' is left out. */
  send(method: string, path: string, headers: Record<string, string>, body: string | Buffer = ''): Promise<Answer> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const all = { host: HOST, 'foyer-request-id': 'TESTSUPPORT1', ...(cookie ? { cookie } : {}), ...headers };
    const sent = Object.fromEntries(Object.entries(all).filter(([, value]) => value !== ''));
    return new Promise((resolve, reject) => {
      const outgoing = request(
        {
          socketPath: this.#socketPath,
          method,
          path,
          headers: method === 'POST' ? { ...sent, 'content-length': Buffer.byteLength(body) } : sent,
        },
        (response) => {
          this.#keep(response.headers['set-cookie'] ?? []);
          text(response).then(
            (received) =>
              resolve({
                status: response.statusCode ?? 0,
                headers: response.headers,
                body: received,
                location: response.headers.location ?? '',
              }),
            reject,
          );
        },
      );
      outgoing.once('error', reject);
      outgoing.end(body);
    });
  }

  async signIn(name: string, fields: Record<string, string> = {}): Promise<Answer> {
    return this.post('/auth/callback/credentials', { email: `${name}@corp.example`, password: PASSWORD, ...fields });
  }

  #keep(lines: readonly string[]): void {
    for (const line of lines) {
      const [pair = '', ...attributes] = line.split(';');
      const name = pair.slice(0, pair.indexOf('='));
      if (attributes.some((attribute) => /^\s*max-age=0$/i.test(attribute))) this.cookies.delete(name);
      else this.cookies.set(name, pair.slice(pair.indexOf('=') + 1));
    }
  }
}
