// The names of a Foyer that runs elsewhere, followed by its API: an office's nameserver needs no store.
import { setTimeout as wait } from 'node:timers/promises';
import { createPortalClient, type PortalClient, readPortalUrl } from '#server/cli/portal-client.ts';
import { readSecret } from '#server/cli/read-secret.ts';
import { namesSchema, readNamesFile, saveNamesFile } from '#server/cli/state-files.ts';
import type { Environment } from '#server/config.ts';
import { type Hostname, parseHostname } from '#server/core/hostname.ts';
import type { NamesDocument } from '#server/core/names-document.ts';
import { nameFromHostname } from '#server/dns/name.ts';
import type { Logger } from '#server/log.ts';
import { machineZone } from './machine-zone.ts';
import { type FollowedNames, type FollowNames, type FoyerNames, NO_FOYER } from './names.ts';

/** Between two looks at the names, and after trouble. */
const PACE = { everyMs: 30_000, retryMs: 5_000 };

/**
 * `tokenFile` is read each time, so that another token counts without a restart. What was heard last stays while the portal is away or
 * broken, over a restart too: it is kept in a file beside the token's. It goes when the portal says that this token may not know it any
 * more: whoever revoked it meant that.
 */
export async function followPortalNames(
  { client, tokenFile, log, pace = PACE }: { client: PortalClient; tokenFile: string; log: Logger; pace?: typeof PACE },
  onChange: () => void,
): Promise<FollowedNames> {
  const stopped = new AbortController();
  const kept = keptIn(`${tokenFile}.names`, log);
  // The portal's own name is the operator's word, and the portal itself is found by it.
  let names: FoyerNames = { ...NO_FOYER, gatewayHosts: hostsOf({}, client.origin).map(nameFromHostname) };
  let heard: NamesDocument | null = null;
  let said = '';

  /** The same trouble again is no news. */
  const say = (sentence: string, level: 'warn' | 'error' = 'warn', what = 'those of before stay') => {
    if (sentence !== said && sentence !== '') log[level](`the portal’s names are not followed, ${what}: ${sentence}`);
    if (sentence === '' && said !== '') log.info('the portal’s names are followed again');
    said = sentence;
  };

  /** Returns why these cannot be answered, as a sentence, or '' when they are from now on. */
  function take(document: NamesDocument): string {
    const built = foyerNames(document, client.origin);
    if (typeof built === 'string') return built;
    [heard, names] = [document, built];
    return '';
  }

  function takeNew(document: NamesDocument): string {
    if (document.version === heard?.version) return '';
    const problem = take(document);
    if (problem !== '') return problem;
    kept.write(document);
    onChange();
    return '';
  }

  async function look(): Promise<number> {
    const answer = await readNames(client, tokenFile, stopped.signal);
    if (stopped.signal.aborted) return 0;
    if (answer.kind === 'names') say(takeNew(answer.names));
    if (answer.kind === 'trouble') say(answer.sentence);
    if (answer.kind === 'refused') {
      if (heard !== null) takeNew(forgotten(heard));
      say(answer.sentence, 'error', 'and what was heard before is dropped');
    }
    return answer.kind === 'names' ? pace.everyMs : pace.retryMs;
  }

  async function goOn(first: number): Promise<void> {
    for (let waitMs = first; !stopped.signal.aborted; waitMs = await look()) {
      await wait(waitMs, undefined, { signal: stopped.signal }).catch(() => {});
      if (stopped.signal.aborted) return;
    }
  }

  const before = kept.read();
  if (before !== null) take(before);
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

async function readNames(client: PortalClient, tokenFile: string, signal?: AbortSignal): Promise<Heard> {
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
function forgotten({ zone, search, ttlSeconds }: NamesDocument): NamesDocument {
  return { version: 'forgotten', zone, search, ttlSeconds, machines: [], records: [] };
}

/** Or why not, as a sentence. */
function foyerNames(names: NamesDocument, origin: string): FoyerNames | string {
  const zone = machineZone(names);
  if (zone.kind === 'invalid') return `its machines cannot be answered: ${zone.problem}.`;
  const gateway = names.gateway === undefined ? null : parseHostname(names.gateway);
  return {
    ...NO_FOYER,
    gatewayHosts: hostsOf(names, origin).map(nameFromHostname),
    gateway: gateway === null ? null : nameFromHostname(gateway),
    machines: [zone.zone],
  };
}

/** What was heard last, for a start while the portal is away. A folder that takes no file is said once, and no more than that is lost. */
function keptIn(path: string, log: Logger): { read(): NamesDocument | null; write(names: NamesDocument): void } {
  let isTold = false;
  const tell = (error: unknown) => {
    if (!isTold) log.warn({ err: error }, `the portal’s names cannot be kept for the next start, in ${path}`);
    isTold = true;
  };
  return {
    read() {
      try {
        return readNamesFile(path);
      } catch (error) {
        tell(error);
        return null;
      }
    },
    write(names) {
      try {
        saveNamesFile(path, names);
      } catch (error) {
        tell(error);
      }
    },
  };
}

export type PortalOptions = { portal?: string; tokenFile?: string; ca?: string };

/** `follow` null: no portal is named. One that is goes before a Foyer on this machine. */
export type PortalSource = { kind: 'source'; follow: FollowNames | null } | { kind: 'invalid'; sentence: string };

export function portalSource(options: PortalOptions, env: Environment, log: Logger): PortalSource {
  const named = readPortalOptions(options, env);
  if (named.kind === 'none') return { kind: 'source', follow: null };
  if (named.kind === 'invalid') return named;
  const { client, tokenFile } = named;
  return { kind: 'source', follow: (onChange) => followPortalNames({ client, tokenFile, log }, onChange) };
}

/** What leads to the gateway by the portal's word, asked for once. `none`: no portal is named. */
export async function askPortalHosts(
  options: PortalOptions,
  env: Environment,
): Promise<{ kind: 'hosts'; hosts: readonly Hostname[] } | { kind: 'none' } | { kind: 'invalid'; sentence: string }> {
  const named = readPortalOptions(options, env);
  if (named.kind !== 'named') return named;
  const heard = await readNames(named.client, named.tokenFile);
  if (heard.kind !== 'names') return { kind: 'invalid', sentence: heard.sentence };
  return { kind: 'hosts', hosts: hostsOf(heard.names, named.client.origin) };
}

/** The portal's own name first. */
function hostsOf({ apps = [], gateway }: Pick<NamesDocument, 'apps' | 'gateway'>, origin: string): Hostname[] {
  const texts = [new URL(origin).hostname, ...apps, ...(gateway === undefined ? [] : [gateway])];
  return texts.flatMap((host) => parseHostname(host) ?? []);
}

type NamedPortal =
  | { kind: 'named'; client: PortalClient; tokenFile: string }
  | { kind: 'none' }
  | { kind: 'invalid'; sentence: string };

function readPortalOptions({ portal, tokenFile, ca }: PortalOptions, env: Environment): NamedPortal {
  if (portal === undefined && tokenFile === undefined) return { kind: 'none' };
  if (portal === undefined) return { kind: 'invalid', sentence: 'Name the portal of this token with --portal.' };
  const read = readPortalUrl(portal);
  if (read.kind === 'invalid') return read;
  if (tokenFile === undefined)
    return { kind: 'invalid', sentence: 'Name the file of a token with names:read: --token-file.' };
  const made = createPortalClient(read.origin, ca ?? env.FOYER_UPSTREAM_CA ?? null, null);
  return made.kind === 'invalid' ? made : { kind: 'named', client: made.client, tokenFile };
}
