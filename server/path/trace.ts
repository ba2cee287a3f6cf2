// Takes the way of a request from public DNS to the app's answer, and tells each step as it ends. What does not need another step runs beside it.
import type { Agent } from 'node:http';
import { aliasOnWay, publicTarget } from '#server/core/alias.ts';
import type { App, DnsServerAddress, Endpoint, Upstream } from '#server/core/app.ts';
import { endpointText } from '#server/core/dns-server.ts';
import type { Hostname } from '#server/core/hostname.ts';
import {
  type PathCode,
  type PathStep,
  type PathStepName,
  type PathStepOf,
  type StepFacts,
  stateOf,
  type TraceRequest,
} from '#server/core/path.ts';
import {
  judgeAnswer,
  judgeCertificate,
  judgeConnect,
  judgeGateway,
  judgePrivateDns,
  judgePublicDns,
  judgeSignIn,
  judgeTls,
} from '#server/core/path-judge.ts';
import { policyStep } from '#server/core/path-policy.ts';
import { appOrigin, type Portal, type Snapshot } from '#server/core/snapshot.ts';
import { openExchange } from '../dial/own-exchange.ts';
import { createDialer, type Survey } from '../dial.ts';
import type { Exchange } from '../dns/exchange.ts';
import type { Limits } from '../http/limits.ts';
import type { Logger } from '../log.ts';
import { lookAtCertificate } from './certificate-look.ts';
import { knock } from './gateway-knock.ts';
import { type GatewayHolds, lastKnown } from './held-names.ts';
import { askEachServer, heldAnswers, passedOver, privateFacts } from './private-names.ts';
import { knockProvider } from './provider-knock.ts';
import { isLocalhost, publicLookup } from './public-lookup.ts';
import { askUpstream } from './upstream-answer.ts';
import { connectToEach, proveEach } from './upstream-knock.ts';

export type TraceContext = {
  portal: Portal;
  gatewayName: Hostname | null;
  /** Asked for public names; empty for the machine's own. */
  publicDns: readonly DnsServerAddress[];
  /** Where a gateway of this machine speaks the portal's scheme; null where something in front does. */
  listener: Endpoint | null;
  /** Where Foyer listens: no upstream may lead there. */
  own: readonly Endpoint[];
  limits: Limits;
  /** What providers are asked with, by the URL's protocol; for one request. */
  providerAgent(protocol: string): Agent;
  via: string;
  log: Logger;
  snapshot(): Snapshot;
  feedConfirmedAt(): number;
  now(): number;
  /** What gateways hold of an app's private names; empty where none can tell. */
  heldNames(appId: string): Promise<readonly GatewayHolds[]>;
  /** The app with its keys; null when there is none. */
  loadApp(id: string): Promise<App | null>;
  signingKeyIds(): Promise<ReadonlySet<string>>;
  signIn(): Promise<{ localAccounts: boolean; providers: readonly { name: string; issuer: string }[] }>;
};

export type OnStep = (step: PathStep) => void;

/** Every step has its own limit; together they take less than this. */
const WHOLE_MS = 14_000;
const STEP_MS = 4_000;
const MAX_GATEWAYS = 4;

/** `session` null leaves policy out, for whoever decides it apart. Resolves when every step was told, or nobody listens any more. */
export async function trace(
  context: TraceContext,
  request: Omit<TraceRequest, 'viewerId' | 'session'> & { session: TraceRequest['session'] | null },
  onStep: OnStep,
): Promise<void> {
  const { appId, host, route, session } = request;
  const { exchange, close } = openExchange(context);
  const ended = new AbortController();
  const signal = AbortSignal.any([request.signal, ended.signal]);
  const late = Promise.withResolvers<typeof LATE>();
  const deadline = setTimeout(() => late.resolve(LATE), WHOLE_MS);
  const steps = new Steps(context.log, late.promise, (step) => {
    if (!request.signal.aborted) onStep(step);
  });
  try {
    const app = await context.loadApp(appId);
    const upstream = route === -1 ? app?.upstream : app?.traffic.routes[route]?.upstream;
    if (!app || !upstream) return;
    if (session) {
      const now = context.now();
      onStep(policyStep(context.snapshot(), app, session, { feedConfirmedAt: context.feedConfirmedAt() }, now));
    }
    await Promise.all([
      publicHalf(context, host, steps, { exchange, signal }),
      signIn(context, steps, signal),
      privateHalf(context, { ...request, app, upstream, exchange, signal }, steps),
    ]);
  } finally {
    clearTimeout(deadline);
    ended.abort();
    close();
  }
}

/** What public names are held against. */
type Naming = Pick<TraceContext, 'gatewayName' | 'publicDns' | 'snapshot'>;

/** The first step alone, for a name that is about to be published. */
export async function checkPublicName(
  context: Naming & Pick<TraceContext, 'log' | 'now'>,
  host: Hostname,
): Promise<PathStepOf<'public-dns'>> {
  const told: PathStep[] = [];
  const steps = new Steps(context.log, new Promise(() => {}), (step) => told.push(step));
  const { exchange, close } = openExchange(context);
  await steps.take('public-dns', () => publicNames(context, host, { exchange }), judgePublicDns);
  close();
  return told[0] as PathStepOf<'public-dns'>;
}

/** What every question of one look goes by: connections of its own, so that nothing earlier makes it look better. */
type Ways = { exchange: Exchange; signal: AbortSignal };

async function publicHalf(context: TraceContext, host: Hostname, steps: Steps, ways: Ways): Promise<void> {
  const { signal } = ways;
  const names = steps.take('public-dns', () => publicNames(context, host, ways), judgePublicDns);
  const gateway = (async () => {
    const { lookup, name } = await gatewayLookup(context, host, ways);
    return { lookup, name, addresses: publicEndpoints(context, lookup?.addresses ?? []) };
  })();
  const address = steps.take(
    'gateway-address',
    async () => {
      const [{ addresses, lookup, name }, keyIds] = await Promise.all([gateway, context.signingKeyIds()]);
      const options = { portal: context.portal, host, keyIds, timeoutMs: STEP_MS, signal };
      const [outside, inside] = await Promise.all([
        Promise.all(addresses.map((at) => knock(at, options))),
        context.listener && knock(context.listener, options),
      ]);
      return { gatewayName: name, lookup, outside, inside, isLocalhost: isLocalhost(host) };
    },
    judgeGateway,
  );
  const certificate = steps.take(
    'certificate',
    async () => {
      const { scheme } = context.portal;
      const at = scheme === 'http' ? null : (context.listener ?? (await gateway).addresses[0] ?? null);
      const look = at && (await lookAtCertificate(at, { servername: host, timeoutMs: STEP_MS, signal }));
      const shown = look?.kind === 'shown' ? look : null;
      return {
        scheme,
        host,
        at: at && endpointText(at),
        certificate: shown?.certificate ?? null,
        coversHost: shown?.coversName ?? false,
        distrust: shown?.distrust ?? null,
        detail: look?.kind === 'failed' ? look.detail : '',
        checkedAt: context.now(),
      };
    },
    judgeCertificate,
  );
  await Promise.all([names, address, certificate]);
}

async function publicNames(
  { gatewayName, publicDns, snapshot }: Naming,
  host: Hostname,
  ways: Pick<Ways, 'exchange'> & Partial<Ways>,
): Promise<StepFacts['public-dns']> {
  const lookUp = publicLookup(publicDns, ways);
  const [lookup, gateway] = await Promise.all([
    lookUp(host),
    gatewayName !== null && !isLocalhost(host) ? lookUp(gatewayName) : null,
  ]);
  const { aliases, appsByHost } = snapshot();
  const appId = appsByHost.get(host)?.id ?? null;
  return {
    lookup,
    gatewayName,
    gatewayAddresses: [...new Set([...(gateway?.addresses ?? []), ...(aliases?.addresses ?? [])])],
    target: publicTarget(aliases, appId, gatewayName),
    alias: aliasOnWay(aliases, lookup.hops, appId),
  };
}

/** By the gateway's own name, or where it has none by the app's alias. */
async function gatewayLookup({ gatewayName, publicDns, snapshot }: Naming, host: Hostname, ways: Ways) {
  const { aliases, appsByHost } = snapshot();
  const name = gatewayName ?? aliases?.byApp.get(appsByHost.get(host)?.id ?? '') ?? null;
  return { name, lookup: name === null ? null : await publicLookup(publicDns, ways)(name) };
}

function publicEndpoints({ portal }: TraceContext, addresses: readonly string[]): Endpoint[] {
  return addresses
    .slice(0, MAX_GATEWAYS)
    .flatMap((address) => ({ address: address as Endpoint['address'], port: portal.port }));
}

async function signIn(context: TraceContext, steps: Steps, signal: AbortSignal): Promise<void> {
  await steps.take(
    'sign-in',
    async () => {
      const { localAccounts, providers } = await context.signIn();
      const knocks = providers.map((provider) =>
        knockProvider(provider, { agent: context.providerAgent, timeoutMs: STEP_MS, signal }),
      );
      return { localAccounts, providers: await Promise.all(knocks) };
    },
    judgeSignIn,
  );
}

type PrivateRequest = Pick<TraceRequest, 'host' | 'route' | 'clientAddress' | 'supportId' | 'signal'> & {
  exchange: Exchange;
  app: App;
  upstream: Upstream;
};

async function privateHalf(context: TraceContext, request: PrivateRequest, steps: Steps): Promise<void> {
  const { app, exchange, upstream } = request;
  const log = context.log.child({}, { level: 'silent' });
  const { sitesById } = context.snapshot();
  // A dialer of its own: nothing is remembered from an earlier look, and no traffic waits for this one.
  const dialer = createDialer({
    site: ({ siteId }) => sitesById.get(siteId) ?? null,
    own: () => context.own,
    now: context.now,
    log,
    exchange,
  });
  try {
    const startedAt = performance.now();
    const holds = await context.heldNames(app.id);
    const surveying = dialer.survey(app, upstream, (host) => lastKnown(holds, host));
    const dns = steps.take(
      'private-dns',
      async () => {
        const site = sitesById.get(app.siteId);
        const survey = await surveying;
        const tookMs = performance.now() - startedAt;
        const names = survey.places.flatMap(({ host, literal }) => (literal === null ? [host as Hostname] : []));
        const servers =
          site && names.length > 0 ? await askEachServer(site, names, { exchange, log, now: context.now }) : [];
        const told = { held: heldAnswers(names, holds), passedOver: passedOver(holds) };
        return { ...privateFacts(survey, servers, tookMs), ...told };
      },
      judgePrivateDns,
    );
    await Promise.all([dns, upstreamSteps(context, request, await surveying, steps)]);
  } finally {
    dialer.close();
  }
}

async function upstreamSteps(
  context: TraceContext,
  request: PrivateRequest,
  survey: Survey,
  steps: Steps,
): Promise<void> {
  const { app, upstream, signal } = request;
  if (survey.places.every(({ addresses }) => addresses.length === 0)) {
    steps.skip('connect', 'earlier-step');
    steps.skip('tls', 'earlier-step');
    return steps.skip('answer', 'earlier-step');
  }
  const timeoutMs = Math.min(app.traffic.timeouts.connect ?? STEP_MS, STEP_MS);
  const knocking = connectToEach(survey, { timeoutMs, signal });
  await steps.take('connect', async () => ({ attempts: (await knocking).attempts }), judgeConnect);
  const { open } = await knocking;
  const isProven = await tlsStep(context, request, open, steps);
  if (open.length === 0 || !isProven || survey.target instanceof Error) return steps.skip('answer', 'earlier-step');
  const { target } = survey;
  const { clientAddress, host, route, supportId } = request;
  await steps.take(
    'answer',
    () =>
      askUpstream({
        app,
        upstream,
        route,
        target,
        portal: context.portal,
        publicAuthority: appOrigin(context.portal, host).replace(/^https?:\/\//, ''),
        path: app.traffic.routes[route]?.prefix ?? '/',
        clientAddress,
        supportId,
        via: context.via,
        limits: context.limits,
        timeoutMs: STEP_MS,
        signal,
      }),
    judgeAnswer,
  );
}

/** Takes the open connections over. Reports whether at least one far end is who it should be. */
async function tlsStep(
  context: TraceContext,
  { signal, upstream }: PrivateRequest,
  open: Parameters<typeof proveEach>[0],
  steps: Steps,
): Promise<boolean> {
  if (open.length === 0) {
    steps.skip('tls', 'earlier-step');
    return false;
  }
  if (upstream.scheme === 'http') {
    for (const { socket } of open) socket.destroy();
    steps.skip('tls', 'tls-off');
    return true;
  }
  const facts = await steps.take(
    'tls',
    async () => ({
      trust: upstream.tls.kind,
      attempts: await proveEach(open, upstream, { timeoutMs: STEP_MS, signal }),
      checkedAt: context.now(),
    }),
    judgeTls,
  );
  return facts?.attempts.some(({ outcome }) => outcome === 'trusted') ?? false;
}

const LATE = Symbol('late');

/** Times steps, judges them, and tells each once. */
class Steps {
  readonly #log: Logger;
  readonly #late: Promise<typeof LATE>;
  readonly #onStep: OnStep;

  constructor(log: Logger, late: Promise<typeof LATE>, onStep: OnStep) {
    this.#log = log;
    this.#late = late;
    this.#onStep = onStep;
  }

  /** The facts, or null when there are none. Never rejects. */
  async take<S extends PathStepName>(
    step: S,
    work: () => Promise<StepFacts[S]>,
    judge: (facts: StepFacts[S]) => PathCode<S>,
  ): Promise<StepFacts[S] | null> {
    const startedAt = performance.now();
    try {
      const facts = await Promise.race([work(), this.#late]);
      if (facts === LATE) this.#tell(step, 'step-late', startedAt, null);
      else this.#tell(step, judge(facts), startedAt, facts);
      return facts === LATE ? null : facts;
    } catch (err) {
      this.#log.warn({ err, step }, 'a step of a path could not be looked at');
      this.#tell(step, 'step-failed', startedAt, null);
      return null;
    }
  }

  skip<S extends PathStepName>(step: S, code: PathCode<S>): void {
    this.#tell(step, code, performance.now(), null);
  }

  #tell<S extends PathStepName>(step: S, code: PathCode<S>, startedAt: number, facts: StepFacts[S] | null): void {
    const told: PathStepOf<S> = {
      step,
      code,
      state: stateOf(step, code),
      tookMs: performance.now() - startedAt,
      facts,
    };
    this.#onStep(told as unknown as PathStep);
  }
}
