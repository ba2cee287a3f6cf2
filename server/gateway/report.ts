// What a gateway process answers when the supervisor asks: its metrics, and whether it still hears of changes.

import type { RunningCertificates } from '#server/certificates.ts';
import type { Dialer } from '#server/dial.ts';
import type { FollowedSnapshot } from '#server/follow-snapshot.ts';
import type { Counters } from '#server/http/counters.ts';
import type { Listening } from '#server/http/listen.ts';
import type { LiveRegistry } from '#server/http/live.ts';
import type { SessionCache } from '#server/http/sessions.ts';
import type { UpstreamView } from '#server/http/upstream/upstream.ts';
import { dnsFamilies } from '#server/metrics/dns-families.ts';
import type { Family } from '#server/metrics/family.ts';
import { gatewayFamilies } from '#server/metrics/gateway-families.ts';
import type { LoopWatch } from '#server/metrics/loop-watch.ts';
import { processFamilies } from '#server/metrics/process-families.ts';
import { type GatewayAnswer, processName } from '#server/metrics/readiness.ts';
import type { AuditQueue } from './audit-queue.ts';

export type GatewayReport = { metrics(): Promise<Family[]>; state(): GatewayAnswer };

export type ReportParts = {
  /** The gateway's own number, from 1. */
  number: number;
  counters: Counters;
  loop: LoopWatch;
  live: LiveRegistry;
  sessions: SessionCache;
  followed: FollowedSnapshot;
  listening: Pick<Listening, 'view'>;
  certificates: RunningCertificates;
  audit: AuditQueue;
  upstreams: { view(): readonly UpstreamView[] };
  dial: Pick<Dialer, 'sites'>;
  /** How often each was given up. */
  shed: Readonly<Record<string, number>>;
  now(): number;
};

export function createGatewayReport(parts: ReportParts): GatewayReport {
  const {
    audit,
    certificates,
    counters,
    dial,
    followed,
    listening,
    live,
    loop,
    now,
    number,
    sessions,
    shed,
    upstreams,
  } = parts;
  const name = processName({ number });
  const feedAgeMs = () => Math.max(0, now() - followed.confirmedAt());
  return {
    state: () => ({ feedAgeMs: feedAgeMs() }),
    metrics: async () => [
      ...gatewayFamilies(counters, {
        name,
        listening: listening.view(),
        live: live.size,
        sessions: sessions.size,
        feedAgeSeconds: feedAgeMs() / 1_000,
        revision: followed.current().revision,
        certificatesEnd: certificates.ends().map((at) => at / 1_000),
        auditWaiting: audit.waiting(),
        upstream: addUp(upstreams.view()),
        shed,
      }),
      ...dnsFamilies(dial.sites.view()),
      ...(await processFamilies(name, loop)),
    ],
  };
}

function addUp(views: readonly UpstreamView[]): Parameters<typeof gatewayFamilies>[1]['upstream'] {
  const sum = { connections: 0, running: 0, waiting: 0, ejected: 0 };
  for (const { connections, endpoints, running, waiting } of views) {
    sum.connections += connections;
    sum.running += running;
    sum.waiting += waiting;
    sum.ejected += endpoints.filter(({ state }) => state !== 'well').length;
  }
  return sum;
}
