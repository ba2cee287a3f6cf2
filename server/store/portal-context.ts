// What the portal's pages work with. They are another instance of every module than the program, so the context hangs on globalThis.
import type { Site } from '#server/core/app.ts';
import type { SealKey } from '#server/core/seal.ts';
import type { Portal, Snapshot } from '#server/core/snapshot.ts';
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
  /** A first site for an administrator to look at, from what this machine itself uses. */
  proposeSite(): Omit<Site, 'id'>;
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
