// What the portal's pages work with. They are another instance of every module than the program, so the context hangs on globalThis.
import type { Agent } from 'node:http';
import type { Site } from '#server/core/app.ts';
import type { Standing } from '#server/core/cluster-health.ts';
import type { Hostname } from '#server/core/hostname.ts';
import type {
  PathStep,
  PathStepOf,
  ProviderKnock,
  SharedTraceRequest,
  TraceEnd,
  TraceRequest,
} from '#server/core/path.ts';
import type { ProbeEnd, ProbeRequest } from '#server/core/probe.ts';
import type { SealKey } from '#server/core/seal.ts';
import type { PictureShape, SmallPicture } from '#server/core/small-picture.ts';
import type { Portal, Snapshot } from '#server/core/snapshot.ts';
import type { ClusterRecord } from './cluster.ts';
import type { Store } from './handle.ts';

export type PortalContext = {
  store: Store;
  /** The current snapshot: read it once per request and pass it down. */
  snapshot(): Snapshot;
  feedConfirmedAt(): number;
  portal: Portal;
  /** The name that apps are CNAMEs of; null when none is configured. */
  gatewayName: string | null;
  secret: Buffer;
  attemptKey: SealKey;
  now(): number;
  /** False takes the service worker out of the browsers that have it. */
  serviceWorker: boolean;
  /** An uploaded picture as a small one of our own making. */
  makeSmallPicture(bytes: Uint8Array, shape?: PictureShape): Promise<SmallPicture>;
  /** A first site for an administrator to look at, from what this machine itself uses. */
  proposeSite(): Omit<Site, 'id'>;
  /** What sign-in providers are asked with, by the URL's protocol (`https:`): over checked addresses only. For one request. */
  providerAgent(protocol: string): Agent;
  /** Asks a provider now, as a sign-in does first. Never rejects, and takes some seconds at most. */
  knockProvider(provider: { name: string; issuer: string }): Promise<ProviderKnock>;
  /** Looks at the whole way to an app. `onStep` is called once for each step, in the order in which they end. */
  trace(request: TraceRequest, onStep: (step: PathStep) => void): Promise<TraceEnd>;
  /** The same for anybody who may open the app, without policy; what was seen in the last seconds is told again. */
  traceShared(request: SharedTraceRequest, onStep: (step: PathStep) => void): Promise<TraceEnd>;
  /** What public DNS says of one name now, and whether that leads to the gateway. */
  checkPublicName(host: Hostname): Promise<PathStepOf<'public-dns'>>;
  /** Looks at the nodes of a cluster now: their heartbeats as they were read, and their ports. */
  lookAtCluster(record: ClusterRecord): Promise<ReadonlyMap<number, Standing>>;
  /** Has the DNS doctor look at all names, and resolves when what it found is kept. For whoever may place apps: the caller has made sure. */
  checkNames(): Promise<void>;
  /** How far a look is that is under way; null when none is. */
  namesProgress(): { done: number; total: number } | null;
  /** Asks an upstream what it expects, before its app is published. For whoever may place apps: the caller has made sure. */
  probe(request: ProbeRequest): Promise<ProbeEnd>;
};

const KEY = Symbol.for('foyer.portal');
const holder = globalThis as typeof globalThis & { [KEY]?: PortalContext };

export function setPortalContext(context: PortalContext): void {
  holder[KEY] = context;
}

export function portalContext(): PortalContext {
  const context = holder[KEY];
  if (!context)
    throw new Error('This process has no portal context: pages are served by server/portal.ts, not by Next alone.');
  return context;
}
