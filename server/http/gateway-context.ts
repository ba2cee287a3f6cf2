// What the rooms of the data plane need from the program that runs them: functions, never each other.

import type { Logger } from 'pino';
import type { App, Upstream } from '#server/core/app.ts';
import type { AuditAction, AuditReason } from '#server/core/audit-words.ts';
import type { Facts } from '#server/core/authorize.ts';
import type { Identity } from '#server/core/identity.ts';
import type { SealKey } from '#server/core/seal.ts';
import type { Snapshot } from '#server/core/snapshot.ts';
import type { AccessLine } from './access-log.ts';
import type { AssertionSigner } from './assertion.ts';
import type { Counters } from './counters.ts';
import type { Grants } from './grants.ts';
import type { Limits } from './limits.ts';
import type { LiveRegistry } from './live.ts';
import type { Overload } from './overload-watch.ts';
import type { SessionCache } from './sessions.ts';
import type { UpstreamClient, UpstreamTarget } from './upstream/upstream.ts';
import type { UsageCounter } from './usage.ts';

export type Dial = {
  /** Where an app's upstream is right now. A value when the answer is in memory. Throws or rejects with a Fault. `last`: what it gave before. */
  resolve(app: App, upstream: Upstream, last?: UpstreamTarget | null): UpstreamTarget | Promise<UpstreamTarget>;
};

export type RedeemedCode =
  | { kind: 'redeemed'; sessionId: string; appId: string }
  /** `identity`: whose code it was, for the audit. */
  | { kind: 'refused'; reason: AuditReason; identity: Identity | null };

/** A line for the audit: what a person was refused, and how a handshake ended. Never a secret. */
export type GatewayAudit = {
  level: 'info' | 'alarm';
  action: Extract<
    AuditAction,
    | 'access-refused'
    | 'handshake-completed'
    | 'handshake-refused'
    | 'grant-replayed'
    | 'app-signed-out'
    | 'stream-cut'
    | 'policy-failed'
  >;
  identity: Identity | null;
  app: App | null;
  outcome: 'refused' | 'done';
  reason: AuditReason;
  supportId: string | null;
  clientAddress: string | null;
};

export type GatewayContext = {
  /** Read once per request and passed down. */
  snapshot(): Snapshot;
  facts(): Facts;
  now(): number;
  log: Logger;
  /** Takes the line of one finished request. On the hot path: it must cost next to nothing. */
  access(line: AccessLine): void;
  counters: Counters;
  usage: UsageCounter;
  limits: Limits;
  overload: Overload;
  /** This installation's name in Via headers. */
  via: string;
  attemptKey: SealKey;
  grants: Grants;
  sessions: SessionCache;
  live: LiveRegistry;
  signer: AssertionSigner;
  dial: Dial;
  upstreams: UpstreamClient;
  /** The portal's Unix socket. */
  portalSocketPath: string;
  redeemCode(input: { code: string; host: string; nonceHash: string }): Promise<RedeemedCode>;
  signOutOfApp(sessionId: string, appId: string): Promise<void>;
  audit(event: GatewayAudit): void;
};
