// The names of a Foyer that runs elsewhere, followed by its API: an office's nameserver needs no store.
import { setTimeout as wait } from 'node:timers/promises';
import { createPortalClient, type PortalClient, readPortalUrl } from './cli/portal-client.ts';
import { readSecret } from './cli/read-secret.ts';
import { namesSchema } from './cli/state-files.ts';
import type { Environment } from './config.ts';
import { parseHostname } from './core/hostname.ts';
import type { NamesDocument } from './core/names-document.ts';
import { nameFromHostname } from './dns/name.ts';
import { buildZone } from './dns/zone.ts';
import type { Logger } from './log.ts';
import { machineZone, NEGATIVE_TTL_SECONDS } from './machine-zone.ts';
import { type FoyerNames, NO_FOYER } from './nameserver-names.ts';
import type { FollowedNames } from './nameserver-store.ts';

/** Between two looks at the names, and after trouble. */
const PACE = { everyMs: 30_000, retryMs: 5_000 };

/**
 * `tokenFile` is read each time, so that another token counts without a restart. What was heard last stays while the portal is away or
 * broken, and goes when the portal says that this token may not know it any more: whoever revoked it meant that.
 */
export async function followPortalNames(
  { client, tokenFile, log, pace = PACE }: { client: PortalClient; tokenFile: string; log: Logger; pace?: typeof PACE },
  onChange: () => void,
): Promise<FollowedNames> {
  const stopped = new AbortController();
  let version: string | null = null;
  let names = NO_FOYER;
  let said = '';

  /** The same trouble again is no news. */
  const say = (sentence: string, level: 'warn' | 'error' = 'warn', what = 'those of before stay') => {
    if (sentence !== said && sentence !== '') log[level](`the portal’s names are not followed, ${what}: ${sentence}`);
    if (sentence === '' && said !== '') log.info('the portal’s names are followed again');
    said = sentence;
  };

  function drop(): void {
    if (version === null) return;
    [version, names] = [null, forgotten(names)];
    onChange();
  }

  async function look(): Promise<number> {
    const heard = await readNames(client, tokenFile, stopped.signal);
    if (stopped.signal.aborted) return 0;
    if (heard.kind === 'names' && heard.names.version !== version) {
      const built = foyerNames(heard.names, client.origin);
      if (typeof built === 'string') say(built);
      else {
        [version, names] = [heard.names.version, built];
        onChange();
      }
    }
    if (heard.kind === 'names' && version === heard.names.version) say('');
    if (heard.kind === 'trouble') say(heard.sentence);
    if (heard.kind === 'refused') {
      drop();
      say(heard.sentence, 'error', 'and what was heard before is dropped');
    }
    return heard.kind === 'names' ? pace.everyMs : pace.retryMs;
  }

  async function goOn(first: number): Promise<void> {
    for (let waitMs = first; !stopped.signal.aborted; waitMs = await look()) {
      await wait(waitMs, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
    }
  }

  const running = goOn(await look());
  return {
    current: () => names,
    async stop() {
      stopped.abort();
      await running;
    },
  };
}

/** `refused`: the token is not good for the names (any more). `trouble` says nothing about that. */
type Heard =
  | { kind: 'names'; names: NamesDocument }
  | { kind: 'refused'; sentence: string }
  | { kind: 'trouble'; sentence: string };

async function readNames(client: PortalClient, tokenFile: string, signal: AbortSignal): Promise<Heard> {
  const read = await readSecret(tokenFile, '');
  if (read.kind === 'invalid') return { kind: 'trouble', sentence: read.sentence };
  const asked = await client.ask({ method: 'GET', path: '/names', token: read.secret }, signal);
  if (asked.kind === 'unreachable') return { kind: 'trouble', sentence: asked.sentence };
  if (asked.kind === 'refused')
    return { kind: [401, 403].includes(asked.status) ? 'refused' : 'trouble', sentence: asked.detail };
  const names = namesSchema.safeParse(asked.json).data;
  if (!names) return { kind: 'trouble', sentence: `${client.origin} answers what this version does not understand.` };
  if (names.apps) return { kind: 'names', names };
  return { kind: 'refused', sentence: 'The token does not read the names of apps. Make one with names:read.' };
}

/** The zone stays as one without names, so that what people ask for in it is still asked for nowhere else. */
function forgotten({ machines }: FoyerNames): FoyerNames {
  const empty = machines.flatMap((local) => {
    const built = buildZone({ origin: local.zone.origin, lines: [], negativeTtlSeconds: NEGATIVE_TTL_SECONDS });
    return built.kind === 'zone' ? [{ ...local, zone: built.zone }] : [];
  });
  return { ...NO_FOYER, machines: empty };
}

/** Or why not, as a sentence. */
function foyerNames(names: NamesDocument, origin: string): FoyerNames | string {
  const zone = machineZone(names);
  if (zone.kind === 'invalid') return `its machines cannot be answered: ${zone.problem}.`;
  const hosts = [new URL(origin).hostname, ...(names.apps ?? [])].flatMap((host) => parseHostname(host) ?? []);
  return { ...NO_FOYER, gatewayHosts: hosts.map(nameFromHostname), machines: [zone.zone] };
}

export type PortalOptions = { portal?: string; tokenFile?: string; ca?: string };

/** `follow` null: no portal is named. One that is goes before a Foyer on this machine. */
export type PortalSource =
  | { kind: 'source'; follow: ((onChange: () => void) => Promise<FollowedNames>) | null }
  | { kind: 'invalid'; sentence: string };

export function portalSource({ portal, tokenFile, ca }: PortalOptions, env: Environment, log: Logger): PortalSource {
  if (portal === undefined && tokenFile === undefined) return { kind: 'source', follow: null };
  if (portal === undefined) return { kind: 'invalid', sentence: 'Name the portal of this token with --portal.' };
  const read = readPortalUrl(portal);
  if (read.kind === 'invalid') return read;
  if (tokenFile === undefined)
    return { kind: 'invalid', sentence: 'Name the file of a token with names:read: --token-file.' };
  const made = createPortalClient(read.origin, ca ?? env.FOYER_UPSTREAM_CA ?? null);
  if (made.kind === 'invalid') return made;
  const { client } = made;
  return { kind: 'source', follow: (onChange) => followPortalNames({ client, tokenFile, log }, onChange) };
}
