// The portal program: Next behind a Unix socket that only gateways reach, with the store and a current snapshot.
import { randomBytes } from 'node:crypto';
import { channel } from 'node:diagnostics_channel';
import { chmod, rm } from 'node:fs/promises';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { fileURLToPath } from 'node:url';
import next from 'next';
import { lookAtCluster } from './cluster/look.ts';
import { type Config, portalSocket, readConfig } from './config.ts';
import { API_TOKEN_HEADER } from './core/api-token.ts';
import { attemptKey } from './core/attempt.ts';
import { type Brand, PLAIN_BRAND } from './core/brand.ts';
import { createBuckets } from './core/buckets.ts';
import { asFault, FAULTS, type FaultCode } from './core/fault.ts';
import { chooseLanguage, type Language } from './core/language.ts';
import { PORTAL_SESSION_HEADER } from './core/portal-cookie.ts';
import { type FaultText, faultText, textsIn } from './core/texts.ts';
import { ownListeners } from './dial/own-listeners.ts';
import { onceAMinute } from './dns/once-a-minute.ts';
import { proposeSite } from './dns/propose-site.ts';
import { type NamesDoctor, namesContext, startNamesDoctor } from './doctor/names-doctor.ts';
import { type FollowedSnapshot, followSnapshot } from './follow-snapshot.ts';
import { renderPage } from './http/page.ts';
import { createLog, type Logger } from './log.ts';
import { METRICS } from './metrics/family.ts';
import { watchLoop } from './metrics/loop-watch.ts';
import { processFamilies } from './metrics/process-families.ts';
import { STATE } from './metrics/readiness.ts';
import { pathContext } from './path/context.ts';
import { createProber } from './path/prober.ts';
import { knockProvider } from './path/provider-knock.ts';
import { checkPublicName, type TraceContext } from './path/trace.ts';
import { createTracer } from './path/tracer.ts';
import { makeSmallPicture } from './picture/small-picture.ts';
import { admitToApi, MOST_MACHINES_COUNTED } from './portal/api.ts';
import { answerDevice, MOST_ASKERS_COUNTED } from './portal/device-login.ts';
import { type Gate, gate, isNavigation } from './portal/gate.ts';
import { contentSecurityPolicy, isIcon, portalHeaders } from './portal/headers.ts';
import { startHousekeeping } from './portal/housekeeping.ts';
import { readLiveSession } from './portal/session.ts';
import { readShell } from './portal/shell.ts';
import { endOnBug } from './signals.ts';
import { readCluster } from './store/cluster.ts';
import { openStore, type Store } from './store/handle.ts';
import { setPortalContext } from './store/portal-context.ts';
import { loadSecret } from './store/secret.ts';
import { deletedNames } from './store/undo.ts';
import { answerQuestions, onEnd, sayReady } from './supervisor/parent.ts';

/** Published by app/request/problem-log.ts. */
type Problem = { supportId: string | null; problem: string; cause?: unknown };
const PROBLEMS = 'foyer.portal.problem';
const DRAIN_MS = 30_000;
const PROVIDER_MS = 4_000;
const APP_DIR = fileURLToPath(new URL('..', import.meta.url));

export type RunningPortal = { socketPath: string; close(): Promise<void> };

/** Starts the portal on its socket. Resolves when it answers. */
export async function startPortal(config: Config, secret: Buffer, log: Logger): Promise<RunningPortal> {
  const store = await openStore({
    dataDir: config.dataDir,
    secret,
    portal: config.portal,
    gatewayName: config.gatewayName,
    now: Date.now,
    listeners: ownListeners(config),
    onProblem: (problem) => log.error({ err: problem, alarm: true }, 'the store reports a problem'),
  });
  const followed = await followSnapshot(store, log);
  const paths = pathContext(config, secret, { store, followed, log });
  const stopHousekeeping = startHousekeeping(store, log);
  const kept = {
    deletedApps: () => deletedNames(store),
    cluster: async () => (await readCluster(store)).cluster,
  };
  const names = startNamesDoctor(() => namesContext(config, followed, kept, log), { store, log });
  providePages({ config, secret, store, followed, paths, names });
  const calls = createBuckets(MOST_MACHINES_COUNTED);
  const { portal } = config;
  const door = { store, portal, log, asks: createBuckets(MOST_ASKERS_COUNTED), maySayFull: onceAMinute() };
  const brand = () => followed.current().portal.brand ?? PLAIN_BRAND;
  channel(PROBLEMS).subscribe((problem) => logProblem(log, problem as Problem));
  prepareEnvironment(config);

  // Next attaches its own upgrade handler to the server it is given, or else to the one it finds: this one never emits.
  const shell = await readShell(config.serviceWorker === 'on');
  const pages = next({ dev: false, dir: APP_DIR, httpServer: createServer(), quiet: true });
  await pages.prepare();
  const handle = pages.getRequestHandler();
  const server = createServer((request, response) => {
    serve(request, response).catch((error) => {
      log.error({ err: error, supportId: request.headers['foyer-request-id'] }, 'a portal request threw');
      if (!response.headersSent) answer(response, asFault(error).code, request, brand());
      else response.destroy();
    });
  });
  server.on('upgrade', (_request, socket) => socket.destroy());
  server.on('clientError', (_error, socket) => socket.destroy());

  const socketPath = portalSocket(config);
  await listen(server, socketPath);
  return { socketPath, close };

  async function close(): Promise<void> {
    await drain(server);
    followed.stop();
    stopHousekeeping();
    names.stop();
    await pages.close();
    await store.close();
  }

  async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const target = request.url ?? '';
    const path = target.split('?', 1)[0] ?? '';
    const nonce = randomBytes(16).toString('base64');
    for (const [name, value] of Object.entries(portalHeaders(path, nonce))) {
      if (value !== undefined) response.setHeader(name, value);
    }
    const header = (name: string) => request.headers[name]?.toString();
    const passed = gate({ method: request.method ?? '', target, header }, config.portal);
    if (passed.kind === 'refuse') return answer(response, passed.code, request, brand());
    delete request.headers[API_TOKEN_HEADER];
    delete request.headers[PORTAL_SESSION_HEADER];
    if (passed.kind === 'api' || passed.kind === 'refuse-api') {
      if (await admitToApi(passed, request, response, { store, log, calls })) await handle(request, response);
      return;
    }
    if (passed.kind === 'device') return answerDevice(passed.endpoint, { request, response }, door);
    if (passed.kind === 'static' && shell.answer(path, request.method === 'HEAD', response)) return;
    const sessionId = passed.kind === 'static' ? null : await readLiveSession(store, request.rawHeaders);
    if (passed.kind === 'session' && !sessionId) return leadToSignIn(passed, target, request, response);
    // Next keeps what is set already.
    if (isIcon(path)) response.removeHeader('cache-control');
    if (sessionId) request.headers[PORTAL_SESSION_HEADER] = sessionId;
    // Next puts the nonce it finds here on every script it writes; nobody outside can have set either header.
    request.headers['content-security-policy'] = contentSecurityPolicy(nonce);
    request.headers['foyer-nonce'] = nonce;
    request.headers['x-forwarded-host'] = request.headers.host;
    request.headers['x-forwarded-proto'] = config.portal.scheme;
    await handle(request, response);
  }
}

type PageParts = {
  config: Config;
  secret: Buffer;
  store: Store;
  followed: FollowedSnapshot;
  paths: TraceContext;
  names: NamesDoctor;
};

/** Everything that the pages work with. */
function providePages({ config, secret, store, followed, paths, names }: PageParts): void {
  setPortalContext({
    ...createTracer(paths),
    checkPublicName: (host) => checkPublicName(paths, host),
    probe: createProber(paths),
    providerAgent: paths.providerAgent,
    knockProvider: (provider) => knockProvider(provider, { agent: paths.providerAgent, timeoutMs: PROVIDER_MS }),
    lookAtCluster: (record) => lookAtCluster(record, Date.now()),
    checkNames: names.checkNames,
    namesProgress: names.namesProgress,
    store,
    snapshot: followed.current,
    feedConfirmedAt: followed.confirmedAt,
    portal: config.portal,
    gatewayName: config.gatewayName,
    secret,
    attemptKey: attemptKey(secret),
    now: Date.now,
    serviceWorker: config.serviceWorker === 'on',
    makeSmallPicture,
    proposeSite,
  });
}

/** An error is told with its stack, and its cause where it is one of ours. */
function logProblem(log: Logger, { supportId, problem, cause }: Problem): void {
  log.warn({ supportId, ...(cause instanceof Error ? { err: cause } : { cause }) }, `portal: ${problem}`);
}

/** Nobody is signed in: a navigation goes to sign-in and comes back; everything else learns that it may not, and nothing more. */
function leadToSignIn(
  passed: Extract<Gate, { kind: 'session' }>,
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  if (!passed.navigation) return problem(response, 'sign-in-needed', request);
  const to = target === '/' ? '' : `?${new URLSearchParams({ to: target })}`;
  response.writeHead(303, { location: `/sign-in${to}` }).end();
}

/** A page for people, a problem document for programs, as the gateway answers. */
function answer(response: ServerResponse, code: FaultCode, request: IncomingMessage, brand: Brand): void {
  const { status } = FAULTS[code];
  response.setHeader('connection', 'close');
  if (status === 503) response.setHeader('retry-after', '10');
  if (!isNavigation({ header: (name) => request.headers[name]?.toString() })) return problem(response, code, request);
  const { language, supportId, title, sentence } = inWords(code, request);
  const actions = [{ label: textsIn(language).pages.toApps, href: '/' }];
  const page = renderPage({ title, paragraphs: [sentence], actions, supportId }, { language, brand });
  for (let i = 0; i < page.headers.length; i += 2) response.setHeader(page.headers[i] ?? '', page.headers[i + 1] ?? '');
  response.writeHead(status).end(page.body);
}

function problem(response: ServerResponse, code: FaultCode, request: IncomingMessage): void {
  const { status } = FAULTS[code];
  const { supportId, title, sentence } = inWords(code, request);
  response.writeHead(status, { 'content-type': 'application/problem+json' });
  response.end(`${JSON.stringify({ type: `urn:foyer:${code}`, title, status, detail: sentence, supportId })}\n`);
}

type Worded = FaultText & { language: Language; supportId: string };

function inWords(code: FaultCode, { headers }: IncomingMessage): Worded {
  const language = chooseLanguage(null, headers['accept-language']);
  return { language, supportId: headers['foyer-request-id']?.toString() ?? '', ...faultText(code, language) };
}

/** next-auth and Next read these themselves. The portal's address comes from the configuration, never from a request (C19). */
function prepareEnvironment(config: Config): void {
  Object.assign(process.env, {
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
    NEXTAUTH_URL: `${config.portal.origin}/auth`,
  });
}

async function listen(server: Server, socketPath: string): Promise<void> {
  await rm(socketPath, { force: true });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socketPath, resolve);
  });
  await chmod(socketPath, 0o600);
}

/** In-flight requests end by themselves within the limit; what is left then is cut. */
async function drain(server: Server): Promise<void> {
  const force = setTimeout(() => server.closeAllConnections(), DRAIN_MS);
  await new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeIdleConnections();
  });
  clearTimeout(force);
}

async function main(): Promise<void> {
  keepConsoleOffStdout();
  const read = readConfig(process.env);
  if (read.kind === 'invalid') throw new Error(read.problems.join(' '));
  const { config } = read;
  const log = createLog({ level: config.logLevel, program: 'portal' });
  const loaded = loadSecret({ env: { ...process.env }, dataDir: config.dataDir });
  if (loaded.kind === 'invalid') throw new Error(loaded.sentence);
  const portal = await startPortal(config, loaded.secret, log);
  endOnBug({ stop: portal.close }, log);
  const loop = watchLoop(log);
  answerQuestions({ [METRICS]: () => processFamilies('portal', loop), [STATE]: () => ({}) });
  onEnd(() => void portal.close().then(() => process.exit(0)));
  sayReady();
}

/** stdout has lines of JSON alone, and Next tells there, in words that no option of its own takes away, how long it took to begin. */
function keepConsoleOffStdout(): void {
  for (const method of ['log', 'info', 'debug'] as const) console[method] = console.error;
}

if (import.meta.main) {
  main().catch((error) => {
    process.stderr.write(`portal: ${error instanceof Error ? (error.stack ?? error.message) : error}\n`);
    process.exit(1);
  });
}
