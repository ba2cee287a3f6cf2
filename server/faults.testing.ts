// A real gateway on a real store for tests of what breaks: the portal's part is played by a second handle on the same store.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { type Config, readConfig } from './config.ts';
import { attemptKey, openAttempt } from './core/attempt.ts';
import { Fault } from './core/fault.ts';
import type { Hostname } from './core/hostname.ts';
import type { Session } from './core/identity.ts';
import { type RunningGateway, startGateway } from './gateway.ts';
import { type Browser, openBrowser } from './http/browser.testing.ts';
import { GRANT_COOKIE } from './http/cookies.ts';
import { headersOf } from './http/raw-client.testing.ts';
import type { Logger } from './log.ts';
import { prepare } from './prepare.ts';
import { saveApp, setAssignments } from './store/apps.ts';
import { mintCode } from './store/codes.ts';
import { openStore, type Store } from './store/handle.ts';
import { loadSession } from './store/sessions.ts';
import { saveSite } from './store/sites.ts';
import { SYSTEM, saved, signedIn } from './store/testing/temporary-store.ts';
import { saveUser } from './store/users.ts';

export const ORIGIN = 'http://wiki.localhost:8080';
const OTHER_ORIGIN = 'http://board.localhost:8080';
const PORTAL_ORIGIN = 'http://portal.localhost:8080';

export type LogLine = Record<string, unknown> & { msg: string };
type Ends = { after(end: () => void | Promise<void>): void };

export type RealGateway = {
  config: Config;
  gateway: RunningGateway;
  /** What the portal would hold. */
  store: Store;
  lines: LogLine[];
  /** A new person, signed in at the portal. */
  person(): Promise<Session>;
  /** A browser of theirs that has opened the app. */
  visitor(): Promise<{ browser: Browser; session: Session }>;
  /** What a browser gets at the app. */
  status(browser: Browser): Promise<number>;
  /** Shows the app's grant at another app, which is worth an audit event and needs no store. */
  replay(browser: Browser): Promise<void>;
  /** A first visit up to the portal, which has made its code; then whether the browser got its grant, else the status. */
  beginVisit(session: Session): Promise<() => Promise<'granted' | number>>;
  /** The claims that the app was shown last. */
  claims(): { iat: number; exp: number };
  /** Ends the gateway and gives the store back. */
  stop(): Promise<void>;
  /** Resolves when something holds; the test's own timeout is its limit. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
};

export async function startRealGateway(t: Ends, dataDir: string): Promise<RealGateway> {
  let assertion = '';
  const upstream = createServer((request, response) => {
    assertion = String(request.headers['foyer-assertion']);
    response.end('wiki');
  }).listen(0, '127.0.0.1');
  t.after(() => {
    upstream.closeAllConnections();
    upstream.close();
  });
  await new Promise((resolve) => upstream.once('listening', resolve));
  const { port } = upstream.address() as AddressInfo;
  const env = {
    FOYER_PORTAL_URL: PORTAL_ORIGIN,
    FOYER_LISTEN: '127.0.0.1:8080',
    FOYER_DATA_DIR: dataDir,
    FOYER_ACCESS_LOG: 'off',
  };
  const read = readConfig(env);
  if (read.kind === 'invalid') throw new Error(read.problems.join(' '));
  const { config } = read;
  const prepared = await prepare(config, env);
  if (prepared.kind === 'refused') throw new Error(prepared.sentence);
  const { lines, log } = writtenLog();
  const { secret } = prepared;
  const store = await openStore({ dataDir, secret, portal: config.portal, now: Date.now, onProblem: () => {} });
  const appId = await app(store, port, ORIGIN);
  await app(store, port, OTHER_ORIGIN);
  const gateway = await startGateway(
    config,
    secret,
    { listeners: [{ host: '127.0.0.1', port: 0, tls: false }], tls: { certificates: [], ticketKeys: '' }, number: 1 },
    log,
  );
  const stop = async (): Promise<void> => {
    await gateway.drain('stop', 0);
    await store.close();
    prepared.release();
  };
  let stopped: Promise<void> | null = null;
  const stopOnce = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  t.after(stopOnce);

  const mint = async (sealedTry: string, session: Session): Promise<{ code: string; host: string }> => {
    const attempt = openAttempt(attemptKey(secret), sealedTry, Date.now());
    if (!attempt) throw new Error('The try does not open.');
    const { nonceHash } = attempt;
    const host = attempt.host as Hostname;
    const code = await mintCode(store, { sessionId: session.id, appId, host, nonceHash });
    if (!code) throw new Error('No code.');
    return { code, host };
  };
  const reached = {
    port: gateway.addresses[0]?.port ?? 0,
    origin: (host: string) => (host === 'portal.test' ? PORTAL_ORIGIN : `http://${host}:8080`),
  };
  let people = 0;
  const person = async (): Promise<Session> => {
    people += 1;
    const email = `person-${people}@corp.example`;
    const { id } = saved(await saveUser(store, SYSTEM, null, { email, name: email, role: 'member' }));
    const loaded = await loadSession(store, (await signedIn(store, id)).sessionId);
    if (!loaded) throw new Error('No session.');
    return loaded.session;
  };
  return {
    config,
    gateway,
    store,
    lines,
    person,
    visitor: async () => {
      const [browser, session] = [openBrowser({ ...reached, mint }), await person()];
      const { answer } = await browser.open(`${ORIGIN}/`, session);
      if (answer.status === 503) throw new Fault('store-down');
      if (answer.body !== 'wiki') throw new Error(`Not opened: ${answer.text}`);
      return { browser, session };
    },
    status: async (browser) => (await browser.fetch(`${ORIGIN}/page`)).status,
    replay: async (browser) => {
      const jar = browser.jar.get(new URL(ORIGIN).hostname);
      const Cookie = `${GRANT_COOKIE}=${jar?.get(GRANT_COOKIE)}`;
      await browser.fetch(`${OTHER_ORIGIN}/`, { headers: { Cookie } });
    },
    beginVisit: async (session) => {
      let made = { code: '', host: '' };
      const browser = openBrowser({ ...reached, mint: () => made });
      const { url } = await browser.navigate(`${ORIGIN}/`);
      made = await mint(new URL(url).searchParams.get('try') ?? '', session);
      return async () => {
        const { headers, status } = await browser.post(url, session);
        return headersOf(headers, 'set-cookie').some((line) => line.startsWith(`${GRANT_COOKIE}=`))
          ? 'granted'
          : status;
      };
    },
    stop: stopOnce,
    claims: () => JSON.parse(Buffer.from(assertion.split('.')[1] ?? '', 'base64url').toString('utf8')),
    until: async (holds) => {
      while (!(await holds())) await new Promise((resolve) => setTimeout(resolve, 20));
    },
  };
}

/** An app of everybody's, behind a site of its own. */
async function app(store: Store, port: number, origin: string): Promise<string> {
  const { hostname } = new URL(origin);
  const site = { name: `Site of ${hostname}`, endpoints: [{ address: '127.0.0.1', port }] };
  const { id: siteId } = saved(await saveSite(store, SYSTEM, null, site));
  const upstream = { scheme: 'http', host: '127.0.0.1', port };
  const { id } = saved(await saveApp(store, SYSTEM, null, { name: hostname, hosts: [hostname], siteId, upstream }));
  saved(await setAssignments(store, SYSTEM, id, [{ kind: 'everyone' }]));
  return id;
}

function writtenLog(): { lines: LogLine[]; log: Logger } {
  const lines: LogLine[] = [];
  const log = pino({ level: 'info' }, { write: (line: string) => void lines.push(JSON.parse(line)) });
  return { lines, log };
}
