// What one gateway process tells: its counters, and what it has open right now, as metric families.
import { CODES, type Counters, cell, OUTCOMES, PROTOCOLS } from '../http/counters.ts';
import type { ListenerView } from '../http/listener-counts.ts';
import { ALARMS_HELP, byLabel, counter, type Family, gauge, histogram, one, type Sample } from './family.ts';

/** What is open, waits or holds at this moment. */
export type GatewayState = {
  /** The value of the label `process`. */
  name: string;
  listening: ListenerView;
  /** Requests and WebSockets that an allow keeps open. */
  live: number;
  sessions: number;
  feedAgeSeconds: number;
  revision: number;
  /** When each configured certificate ends, since the epoch, in the order of FOYER_TLS_CERTS. */
  certificatesEnd: readonly number[];
  auditWaiting: number;
  /** How often each was given up since the start. */
  shed: Readonly<Record<string, number>>;
  upstream: { connections: number; running: number; waiting: number; ejected: number };
};

export function gatewayFamilies(counters: Counters, state: GatewayState): Family[] {
  const labels = { process: state.name };
  return [
    ...requestFamilies(counters),
    ...refusalFamilies(counters, state.shed),
    ...listenerFamilies(state.listening),
    ...upstreamFamilies(counters, state.upstream),
    gauge('foyer_open_connections', 'Connections from browsers.', connectionSamples(state.listening)),
    gauge('foyer_open_streams', 'HTTP/2 streams of browsers.', one(state.listening.streams)),
    gauge('foyer_open_websockets', 'WebSockets, joined with their apps.', one(counters.webSockets)),
    gauge(
      'foyer_open_requests',
      'Requests to apps that are being served, WebSockets left out.',
      one(Math.max(0, state.live - counters.webSockets)),
    ),
    gauge('foyer_sessions_cached', 'Sessions in memory.', one(state.sessions)),
    gauge(
      'foyer_change_feed_age_seconds',
      'Since a gateway last heard that it knows everything; above 900 it decides nothing any more.',
      one(state.feedAgeSeconds, labels),
      'max',
    ),
    gauge('foyer_snapshot_revision', 'The catalogue that decides.', one(state.revision, labels), 'min'),
    gauge(
      'foyer_certificate_expiry_timestamp_seconds',
      'When a certificate ends, since the epoch; numbered as in FOYER_TLS_CERTS.',
      state.certificatesEnd.map((value, at) => ({ labels: { certificate: String(at + 1) }, value })),
      'min',
    ),
    gauge('foyer_audit_queue_length', 'Audit events that are not in the store yet.', one(state.auditWaiting)),
  ];
}

/** `TLS` are those that are still shaking hands. */
function connectionSamples({ clear, tls, tlsHttp1, tlsHttp2 }: ListenerView): Sample[] {
  const rows: [listener: string, protocol: string, count: number][] = [
    ['http', 'HTTP/1.1', clear],
    ['https', 'TLS', Math.max(0, tls - tlsHttp1 - tlsHttp2)],
    ['https', 'HTTP/1.1', tlsHttp1],
    ['https', 'HTTP/2', tlsHttp2],
  ];
  return rows.map(([listener, protocol, value]) => ({ labels: { listener, protocol }, value }));
}

function requestFamilies(counters: Counters): Family[] {
  const apps = [...counters.apps];
  return [
    counter('foyer_requests_total', 'Requests that are over, WebSockets included.', apps.flatMap(requestSamples)),
    histogram(
      'foyer_request_duration_seconds',
      'From the request’s head to the end of the answer, WebSockets left out.',
      apps.map(([app, { seconds }]) => ({ labels: { app }, buckets: seconds })),
    ),
    counter(
      'foyer_response_bytes_total',
      'Bodies to browsers, and what their WebSockets were sent.',
      byLabel(
        'app',
        apps.map(([app, { sent }]) => [app, sent]),
      ),
    ),
    counter(
      'foyer_request_bytes_total',
      'Bodies from browsers, and what their WebSockets sent.',
      byLabel(
        'app',
        apps.map(([app, { received }]) => [app, received]),
      ),
    ),
  ];
}

function requestSamples([app, { requests }]: [string, { requests: Float64Array }]): Sample[] {
  const samples: Sample[] = [];
  for (const [c, code] of CODES.entries())
    for (const [p, protocol] of PROTOCOLS.entries())
      for (const [o, outcome] of OUTCOMES.entries()) {
        const value = requests[cell(c, p, o)] ?? 0;
        if (value > 0) samples.push({ labels: { app, code, protocol, outcome }, value });
      }
  return samples;
}

function refusalFamilies(counters: Counters, shed: GatewayState['shed']): Family[] {
  const decisions = Array.from(counters.decisions, ([reason, { kind, count }]) => ({
    labels: { decision: kind, reason },
    value: count,
  }));
  return [
    counter('foyer_decisions_total', 'Decisions, those about what is already open included.', decisions),
    counter(
      'foyer_refusals_total',
      'Requests that were not served, by the reason that the access line has.',
      byLabel('reason', counters.refusals),
    ),
    counter(
      'foyer_shed_total',
      'What was given up or turned away so that the rest goes on.',
      byLabel('what', Object.entries(shed)),
    ),
    counter('foyer_alarms_total', ALARMS_HELP, byLabel('reason', counters.alarms)),
  ];
}

function listenerFamilies(listening: ListenerView): Family[] {
  const { http2Floods, http2Resets, tlsHandshakeFailures, turnedAway } = listening;
  return [
    counter('foyer_connections_turned_away_total', 'Connections past a limit, closed at once.', one(turnedAway)),
    counter('foyer_tls_handshake_failures_total', 'TLS handshakes that failed.', one(tlsHandshakeFailures)),
    counter('foyer_http2_resets_total', 'HTTP/2 streams that ended by a reset.', one(http2Resets)),
    counter('foyer_http2_floods_total', 'HTTP/2 connections that were told to calm down.', one(http2Floods)),
  ];
}

function upstreamFamilies(counters: Counters, state: GatewayState['upstream']): Family[] {
  return [
    histogram('foyer_upstream_response_seconds', 'From the request sent to the first byte of its answer.', [
      { labels: {}, buckets: counters.upstreamSeconds },
    ]),
    histogram('foyer_upstream_connect_seconds', 'To connect to an upstream, TLS included.', [
      { labels: {}, buckets: counters.connectSeconds },
    ]),
    counter(
      'foyer_upstream_failures_total',
      'Connections and answers of upstreams that did not come about; a retry may have helped.',
      byLabel('reason', counters.upstreamFailures),
    ),
    counter('foyer_upstream_retries_total', 'Requests that were sent once more.', one(counters.upstreamRetries)),
    gauge('foyer_upstream_open_connections', 'Connections to upstreams, WebSockets included.', one(state.connections)),
    gauge('foyer_upstream_running_requests', 'Requests that an upstream works on.', one(state.running)),
    gauge('foyer_upstream_queue_length', 'Requests that wait for a connection or a place.', one(state.waiting)),
    gauge('foyer_upstream_ejected_addresses', 'Addresses that are left out because they failed.', one(state.ejected)),
  ];
}
