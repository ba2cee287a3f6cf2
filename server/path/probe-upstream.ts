// Probes an upstream before its app is published: whether it is reached, and what it expects of whoever stands before it.
import type { App, Upstream } from '#server/core/app.ts';
import { PLAIN_LOOK, PLAIN_TRAFFIC, PLAIN_UPSTREAM } from '#server/core/app.ts';
import { asFault } from '#server/core/fault.ts';
import type { Hostname } from '#server/core/hostname.ts';
import { type PathCode, type PathStepName, type PathStepOf, type StepFacts, stateOf } from '#server/core/path.ts';
import { judgeConnect, judgePrivateDns, judgeTls } from '#server/core/path-judge.ts';
import type { ProbeReport, ProbeRequest } from '#server/core/probe.ts';
import { appOrigin } from '#server/core/snapshot.ts';
import { createDialer, type Survey } from '../dial.ts';
import type { AskContext } from './ask-page.ts';
import { privateFacts } from './private-names.ts';
import { askQuestions } from './probe-questions.ts';
import type { TraceContext } from './trace.ts';
import { connectToEach, proveEach } from './upstream-knock.ts';

export type ProbeContext = Pick<TraceContext, 'portal' | 'own' | 'via' | 'log' | 'snapshot' | 'now'>;

const STEP_MS = 4_000;
const WHOLE_MS = 20_000;

/** Rejects only when something here is broken; whatever the upstream does is a value. */
export async function probeUpstream(context: ProbeContext, request: ProbeRequest): Promise<ProbeReport> {
  const startedAt = performance.now();
  const signal = AbortSignal.timeout(WHOLE_MS);
  const { sitesById } = context.snapshot();
  const log = context.log.child({}, { level: 'silent' });
  const dialer = createDialer({
    site: ({ siteId }) => sitesById.get(siteId) ?? null,
    own: () => context.own,
    now: context.now,
    log,
    connectTimeoutMs: STEP_MS,
  });
  try {
    const app = appOf(request);
    const survey = await dialer.survey(app, app.upstream);
    const surveyedMs = performance.now() - startedAt;
    const privateDns = step('private-dns', privateFacts(survey, [], surveyedMs), judgePrivateDns, surveyedMs);
    const { connect, tls, certificate } = await knock(context, app.upstream, survey, signal);
    const report = { privateDns, connect, tls, certificate };
    if (connect.state === 'bad' || connect.state === 'skipped' || survey.target instanceof Error)
      return { ...report, app: null, tookMs: performance.now() - startedAt };
    const asked = await ask(context, request, app, { survey, tls, certificate }, dialer, signal);
    return { ...report, app: asked, tookMs: performance.now() - startedAt };
  } finally {
    dialer.close();
  }
}

async function knock(
  { now }: ProbeContext,
  upstream: Upstream,
  survey: Survey,
  signal: AbortSignal,
): Promise<Pick<ProbeReport, 'connect' | 'tls' | 'certificate'>> {
  const options = { timeoutMs: STEP_MS, signal };
  const skipped = { state: 'skipped', tookMs: 0, facts: null } as const;
  const noTls = { step: 'tls', code: upstream.scheme === 'http' ? 'tls-off' : 'earlier-step', ...skipped } as const;
  if (survey.places.every(({ addresses }) => addresses.length === 0))
    return { connect: { step: 'connect', code: 'earlier-step', ...skipped }, tls: noTls, certificate: null };
  const beganAt = performance.now();
  const { attempts, open } = await connectToEach(survey, options);
  const connect = step('connect', { attempts }, judgeConnect, performance.now() - beganAt);
  if (upstream.scheme === 'http' || open.length === 0) {
    for (const { socket } of open) socket.destroy();
    return { connect, tls: noTls, certificate: null };
  }
  const provenAt = performance.now();
  const proofs = await proveEach(open, upstream, options);
  const facts = { trust: upstream.tls.kind, attempts: proofs, checkedAt: now() };
  const tls = step('tls', facts, judgeTls, performance.now() - provenAt);
  return { connect, tls, certificate: proofs.find(({ certificate }) => certificate !== null)?.certificate ?? null };
}

type Found = { survey: Survey } & Pick<ProbeReport, 'tls' | 'certificate'>;

/**
 * An app whose certificate is not trusted yet is asked all the same, over a connection that accepts this very certificate and
 * no other one: nothing but questions is sent.
 */
async function ask(
  context: ProbeContext,
  request: ProbeRequest,
  app: App,
  { survey, tls, certificate }: Found,
  dialer: ReturnType<typeof createDialer>,
  signal: AbortSignal,
): Promise<ProbeReport['app']> {
  const isUnproven = tls.state === 'bad';
  if (isUnproven && certificate === null) return null;
  const upstream: Upstream =
    isUnproven && certificate ? { ...app.upstream, tls: { kind: 'pinned', sha256: certificate.sha256 } } : app.upstream;
  const target = isUnproven ? await dialer.resolve(app, upstream) : survey.target;
  if (target instanceof Error) throw asFault(target);
  const asking: AskContext = {
    app,
    upstream,
    target,
    portal: context.portal,
    publicAuthority: appOrigin(context.portal, request.publicHost).replace(/^https?:\/\//, ''),
    clientAddress: request.clientAddress,
    via: context.via,
    signal,
  };
  return askQuestions(asking, { webSocketPaths: request.webSocketPaths, zones: survey.site?.zones ?? [] });
}

function appOf({ siteId, scheme, host, port, tls, publicHost }: ProbeRequest): App {
  return {
    ...PLAIN_LOOK,
    id: 'probe',
    name: '',
    description: '',
    hosts: [publicHost],
    showInLauncher: true,
    enabled: true,
    siteId,
    upstream: { ...PLAIN_UPSTREAM, scheme, host: host as Hostname, port, tls, hostHeader: { kind: 'public' } },
    identityHeaders: [],
    maxSessionMs: null,
    traffic: PLAIN_TRAFFIC,
  };
}

function step<S extends PathStepName>(
  name: S,
  facts: StepFacts[S],
  judge: (facts: StepFacts[S]) => PathCode<S>,
  tookMs: number,
): PathStepOf<S> {
  const code = judge(facts);
  return { step: name, state: stateOf(name, code), code, tookMs, facts };
}
