// A whole data plane for tests: real listeners and upstreams on loopback; the store is maps and the clock is a number.
import { randomBytes } from 'node:crypto';
import { rmSync } from 'node:fs';
import { createServer as createHttpServer, type RequestListener } from 'node:http';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { exportJWK, generateKeyPair } from 'jose';
import { pino } from 'pino';
import type { Address } from '#server/core/address.ts';
import { type App, PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import { attemptKey, openAttempt } from '#server/core/attempt.ts';
import { Fault, type FaultCode } from '#server/core/fault.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { Identity, Session } from '#server/core/identity.ts';
import type { Assignment } from '#server/core/policy.ts';
import { buildSnapshot, parsePortal, type Snapshot } from '#server/core/snapshot.ts';
import { AssertionSigner } from './assertion.ts';
import { certificatesForTests } from './certificates.testing.ts';
import { trustedProxies } from './client-address.ts';
import { GRANT_COOKIE } from './cookies.ts';
import { Counters } from './counters.ts';
import type { Exchange } from './exchange.ts';
import type { GatewayAudit, GatewayContext, RedeemedCode } from './gateway-context.ts';
import { Grants } from './grants.ts';
import { handle } from './handle.ts';
import { DEFAULT_LIMITS, type Limits } from './limits.ts';
import { type Listening, listen } from './listen.ts';
import { LiveRegistry } from './live.ts';
import type { Overload, OverloadWatch } from './overload-watch.ts';
import { applyChanges, sweep } from './redecide.ts';
import { SessionCache } from './sessions.ts';
import { handleUpgrade } from './upgrade.ts';
import { UpstreamPools } from './upstream/pools.ts';
import type { UpstreamTarget } from './upstream/upstream.ts';
import { UsageCounter } from './usage.ts';

export const NOW = 1_800_000_000_000;
export const HOUR_MS = 3_600_000;
const LOOPBACK = '127.0.0.1' as Address;

/** Where nothing is ever shed. */
const NO_OVERLOAD: Overload = {
  sheds: () => false,
  shed: { 'sign-ins': 0, connections: 0, idle: 0 },
  level: 0,
};

/** A test, or a file by its own `after`. */
export type Ends = { after(end: () => void | Promise<void>): void };

export type TestApp = {
  id: string;
  hosts: readonly [string, ...string[]];
  /** Port on 127.0.0.1, or a function in place of the whole dialer. */
  upstream: number | (() => Promise<Socket>);
  assignments?: readonly Assignment[];
} & Partial<Pick<App, 'enabled' | 'identityHeaders' | 'maxSessionMs' | 'name'>> & {
    hostHeader?: App['upstream']['hostHeader'];
    protocol?: App['upstream']['protocol'];
    traffic?: Partial<App['traffic']>;
  };

export type TestOptions = {
  apps: readonly TestApp[];
  scheme?: 'http' | 'https';
  limits?: Partial<Limits>;
  overload?: OverloadWatch;
  portal?: RequestListener;
  trustedProxies?: readonly { address: string; prefix: number }[];
  /** Its own, where it is not given another gateway's. */
  ticketKeys?: Buffer;
};

export type LogLine = Record<string, unknown> & { msg?: string };

export type TestGateway = {
  /** Plain text when the scheme is http, TLS when it is https. */
  port: number;
  /** Plain text in both cases. */
  plainPort: number;
  listening: Listening;
  context: GatewayContext;
  clock: { now: number; feedConfirmedAt: number };
  audits: GatewayAudit[];
  logs: LogLine[];
  refusals: { code: FaultCode; supportId: string }[];
  sessions: Map<string, Session>;
  codes: Map<string, { host: string; nonceHash: string; sessionId: string; appId: string; expiresAt: number }>;
  /** How many connections to upstreams were opened. */
  dials(): number;
  signIn(identity?: Partial<Identity>, session?: Partial<Session>): Session;
  /** The `name=value` of a grant for the host's app. */
  cookie(session: Session, host: string): string;
  setApps(apps: readonly TestApp[]): void;
  /** As the change feed says it: forget, then decide again. */
  changed(
    change: { kind: 'user' | 'session' | 'people' | 'stream'; id: string | null } | { kind: 'catalogue' },
  ): Promise<void>;
  sweep(): void;
  origin(host: string): string;
  /** The one-time code that the portal would mint for this attempt. */
  mint(sealedTry: string, session: Session): { code: string; host: string };
  /** What a store failure does to the next loads of sessions. */
  failLoads(error: Error | null): void;
  /** The access line of a support id. Waits for it. */
  accessLine(supportId: string): Promise<LogLine>;
  until(holds: () => boolean): Promise<void>;
};

/** Starts a gateway that ends with the test (or the suite). */
export async function startGateway(t: Ends, options: TestOptions): Promise<TestGateway> {
  const scheme = options.scheme ?? 'http';
  const limits = { ...DEFAULT_LIMITS, ...options.limits };
  const secret = randomBytes(32);
  const portal = parsePortal(`${scheme}://portal.test`, parseHostname);
  if (!portal) throw new Error('The portal of the tests is wrong.');
  const clock = { now: NOW, feedConfirmedAt: NOW };
  const audits: GatewayAudit[] = [];
  const logs: LogLine[] = [];
  const refusals: TestGateway['refusals'] = [];
  const sessions: TestGateway['sessions'] = new Map();
  const codes: TestGateway['codes'] = new Map();
  const waiting = new Set<() => void>();
  const notify = () => {
    for (const check of waiting) check();
  };
  let revision = 1;
  let loadError: Error | null = null;
  let dials = 0;
  let apps = new Map<string, TestApp>();
  let snapshot: Snapshot = compile(options.apps);

  function compile(list: readonly TestApp[]): Snapshot {
    apps = new Map(list.map((app) => [app.id, app]));
    const catalogue = list.map((app) => ({
      kind: 'app' as const,
      app: toApp(app),
      assignments: app.assignments ?? [{ kind: 'everyone' as const }],
    }));
    if (!portal) throw new Error('unreachable');
    const built = buildSnapshot({ revision, portal, catalogue, sites: [] });
    if (built.problems.length > 0) throw new Error(JSON.stringify(built.problems));
    return built.snapshot;
  }

  const log = pino(
    { level: 'debug', serializers: { err: pino.stdSerializers.err } },
    {
      write: (line: string) => {
        logs.push(JSON.parse(line));
        notify();
      },
    },
  );
  const portalSocketPath = join(tmpdir(), `foyer-test-${process.pid}-${randomBytes(6).toString('hex')}.sock`);
  const portalServer = createHttpServer(options.portal ?? ((_request, response) => response.end('portal')));
  await new Promise<void>((resolve) => portalServer.listen(portalSocketPath, resolve));
  const keys = await generateKeyPair('ES256', { extractable: true });
  const publicJwk = { ...(await exportJWK(keys.publicKey)), kid: 'k1', alg: 'ES256', use: 'sig' };

  const live = new LiveRegistry();
  const cache = new SessionCache(async (id) => {
    if (loadError) throw loadError;
    const session = sessions.get(id);
    return session ? { session: { ...session }, revision } : null;
  });
  const counters = new Counters();
  const usage = new UsageCounter();
  const context: GatewayContext = {
    snapshot: () => snapshot,
    facts: () => ({ feedConfirmedAt: clock.feedConfirmedAt }),
    now: () => clock.now,
    log,
    access: (line) => {
      counters.finished(line);
      usage.finished(line);
      logs.push(line);
    },
    counters,
    usage,
    limits,
    overload: options.overload ?? NO_OVERLOAD,
    via: 'foyer-test',
    attemptKey: attemptKey(secret),
    grants: new Grants(secret),
    sessions: cache,
    live,
    signer: new AssertionSigner(portal.origin, {
      active: { kid: 'k1', privateJwk: await exportJWK(keys.privateKey) },
      publicJwks: { keys: [publicJwk] },
    }),
    dial: {
      resolve: (app, upstream): UpstreamTarget => ({
        // As in the real one, addresses and ports come and go under one key.
        key: `${app.siteId} ${upstream.scheme} ${upstream.protocol}`,
        protocol: upstream.protocol,
        endpoints: [{ address: LOOPBACK, port: upstream.port }],
        connect: async ([endpoint], { signal } = {}) => {
          dials += 1;
          const given = apps.get(app.id)?.upstream;
          if (given === undefined || endpoint === undefined) throw new Fault('site-missing');
          const stream = await (typeof given === 'function' ? given() : dial(endpoint.port, signal));
          return { stream, endpoint, leftMs: 5_000 };
        },
      }),
    },
    upstreams: new UpstreamPools(limits),
    portalSocketPath,
    redeemCode: async ({ code, host, nonceHash }): Promise<RedeemedCode> => {
      if (loadError) throw loadError;
      const found = codes.get(code);
      codes.delete(code);
      if (!found) return { kind: 'refused', reason: 'code-unknown', identity: null };
      const identity = sessions.get(found.sessionId)?.identity ?? null;
      if (clock.now > found.expiresAt) return { kind: 'refused', reason: 'code-expired', identity };
      if (found.host !== host) return { kind: 'refused', reason: 'code-other-host', identity };
      if (found.nonceHash !== nonceHash) return { kind: 'refused', reason: 'code-other-browser', identity };
      return { kind: 'redeemed', sessionId: found.sessionId, appId: found.appId };
    },
    signOutOfApp: async (sessionId, appId) => {
      const session = sessions.get(sessionId);
      if (!session) return;
      sessions.set(sessionId, { ...session, appSignOuts: new Map([...session.appSignOuts, [appId, clock.now + 1]]) });
      await gateway.changed({ kind: 'session', id: sessionId });
    },
    audit: (event) => {
      audits.push(event);
      notify();
    },
  };

  const { ticketKeys = randomBytes(48) } = options;
  const made = scheme === 'https' ? await certificatesForTests() : null;
  const certificates = made && { ...made, first: { ...made.first, ticketKeys } };
  const listening = await listen(
    [
      { host: '127.0.0.1', port: 0, tls: false },
      ...(scheme === 'https' ? [{ host: '127.0.0.1', port: 0, tls: true }] : []),
    ],
    {
      limits,
      overload: options.overload ?? NO_OVERLOAD,
      proxies: trustedProxies((options.trustedProxies ?? []) as never),
      publicPort: () => portal,
      certificates: () => certificates,
      now: () => clock.now,
      onExchange: (exchange: Exchange) => handle(context, exchange),
      onUpgrade: (request) => void handleUpgrade(context, request),
      onRefused: (code, supportId) => {
        refusals.push({ code, supportId });
        notify();
      },
    },
  );
  options.overload?.start(listening);
  t.after(async () => {
    options.overload?.stop();
    listening.destroy();
    portalServer.closeAllConnections();
    portalServer.close();
    rmSync(portalSocketPath, { force: true });
    await context.upstreams.destroy();
  });

  const gateway: TestGateway = {
    port: listening.addresses.at(-1)?.port ?? 0,
    plainPort: listening.addresses[0]?.port ?? 0,
    listening,
    context,
    clock,
    audits,
    logs,
    refusals,
    sessions,
    codes,
    dials: () => dials,
    signIn: (identity = {}, session = {}) => {
      const made = newSession(clock.now, identity, session);
      sessions.set(made.id, made);
      return made;
    },
    cookie: (session, host) => {
      const hostname = name(host);
      const app = snapshot.appsByHost.get(hostname);
      if (!app) throw new Error(`No app at ${host}.`);
      const grant = { sessionId: session.id, appId: app.id, host: hostname };
      const sealed = context.grants.seal({ ...grant, issuedAt: clock.now, expiresAt: session.expiresAt });
      return `${GRANT_COOKIE}=${sealed}`;
    },
    setApps: (list) => {
      revision += 1;
      snapshot = compile(list);
    },
    changed: async (change) => {
      revision += 1;
      await applyChanges(context, [{ id: null, ...change, revision }]);
    },
    sweep: () => sweep(context),
    origin: (host) => `${scheme}://${host}`,
    mint: (sealedTry, session) => {
      const attempt = openAttempt(context.attemptKey, sealedTry, clock.now);
      if (!attempt) throw new Error('The try does not open.');
      const code = randomBytes(32).toString('base64url');
      const { host, nonceHash, appId } = attempt;
      codes.set(code, { host, nonceHash, appId, sessionId: session.id, expiresAt: clock.now + 60_000 });
      return { code, host };
    },
    failLoads: (error) => {
      loadError = error;
    },
    accessLine: async (supportId) => {
      await gateway.until(() => logs.some((line) => line.access === supportId));
      return logs.find((line) => line.access === supportId) ?? {};
    },
    until: (holds) =>
      new Promise((resolve) => {
        const looking = setInterval(check, 2);
        waiting.add(check);
        check();
        function check(): void {
          if (!holds()) return;
          clearInterval(looking);
          waiting.delete(check);
          resolve();
        }
      }),
  };
  return gateway;
}

let sessionCount = 0;

export function newSession(now: number, identity: Partial<Identity>, session: Partial<Session>): Session {
  sessionCount += 1;
  return {
    id: `018f0000-0000-7000-8000-${String(sessionCount).padStart(12, '0')}`,
    identity: {
      userId: 'ada',
      issuer: 'local',
      subject: 'ada',
      email: 'ada@corp.example',
      name: 'Ada',
      role: 'member',
      groupIds: ['g1'],
      groupNames: ['Staff'],
      disabled: false,
      ...identity,
    },
    kind: 'standard',
    createdAt: now,
    expiresAt: now + 24 * HOUR_MS,
    idleTimeoutMs: 8 * HOUR_MS,
    lastSeenAt: now,
    appSignOuts: new Map(),
    ...session,
  };
}

/** A TCP server whose connections are handed over raw. Ends with the test. */
export async function rawServer(t: Ends, onSocket: (socket: Socket) => void): Promise<number> {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.once('close', () => sockets.delete(socket));
    onSocket(socket);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

/** A node:http server. Ends with the test. */
export async function httpServer(t: Ends, listener: RequestListener): Promise<number> {
  const server = createHttpServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address ? address.port : 0;
}

export type Seen = { method: string; url: string; headers: string[]; body: Buffer; complete: boolean };

/** An upstream that writes down each request and answers 200 with `ok`. */
export async function recorder(t: Ends): Promise<{ port: number; seen: Seen[]; last(): Seen }> {
  const seen: Seen[] = [];
  const port = await httpServer(t, (request, response) => {
    const chunks: Buffer[] = [];
    const entry: Seen = {
      method: request.method ?? '',
      url: request.url ?? '',
      headers: request.rawHeaders,
      body: Buffer.alloc(0),
      complete: false,
    };
    seen.push(entry);
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      entry.body = Buffer.concat(chunks);
      entry.complete = true;
      response.setHeader('Content-Type', 'text/plain');
      response.end('ok');
    });
    request.on('error', () => {});
  });
  const last = () => {
    const entry = seen.at(-1);
    if (!entry) throw new Error('The upstream saw no request.');
    return entry;
  };
  return { port, seen, last };
}

function toApp(app: TestApp): App {
  const [first, ...rest] = app.hosts;
  return {
    id: app.id,
    name: app.name ?? app.id,
    description: '',
    hosts: [name(first), ...rest.map(name)],
    ...PLAIN_LOOK,
    showInLauncher: true,
    enabled: app.enabled ?? true,
    siteId: 'site',
    upstream: {
      ...PLAIN_UPSTREAM,
      scheme: 'http',
      host: name('internal.test'),
      port: typeof app.upstream === 'number' ? app.upstream : 80,
      hostHeader: app.hostHeader ?? { kind: 'public' },
      protocol: app.protocol ?? PLAIN_UPSTREAM.protocol,
      tls: { kind: 'system' },
    },
    identityHeaders: app.identityHeaders ?? [],
    maxSessionMs: app.maxSessionMs ?? null,
    traffic: { ...PLAIN_TRAFFIC, ...app.traffic },
  };
}

function name(text: string): Hostname {
  const hostname = parseHostname(text);
  if (!hostname) throw new Error(`${text} is no host name.`);
  return hostname;
}

function dial(port: number, signal?: AbortSignal): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    const failed = (cause: Error) => reject(new Fault('upstream-refused', { detail: cause.message, cause }));
    // Of no concern to one that is connected.
    const abort = () => socket.destroy(new Error('aborted'));
    if (signal?.aborted) abort();
    signal?.addEventListener('abort', abort, { once: true });
    socket.once('error', failed);
    socket.once('connect', () => {
      signal?.removeEventListener('abort', abort);
      socket.off('error', failed);
      socket.on('error', () => {});
      resolve(socket);
    });
  });
}
