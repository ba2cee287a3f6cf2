// Tells the portal that this machine is there, and takes the names that it answers with: all of them at once, or none.
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { NamesDocument } from '../core/names-document.ts';
import type { PortalClient } from './portal-client.ts';
import { namesSchema, type OwnMachine } from './state-files.ts';

export type FollowOptions = {
  client: PortalClient;
  machine: OwnMachine;
  itself: { version: string; os: string };
  /** The version that is known already; null for none. */
  have: string | null;
  now(): number;
  onNames(names: NamesDocument): void;
  /** `sentence` null: the portal answers (again). Told when it changes, not with every heartbeat. */
  onPortal(sentence: string | null): void;
  /** The portal does not know this machine any more; nothing is followed from here on. */
  onOut(sentence: string): void;
};

export type Following = {
  /** When the portal was last heard, epoch milliseconds. */
  heardAt(): number | null;
  /** This machine's name as the portal has it. */
  name(): string;
  /** No heartbeat after this, and the last word said or given up; true when the portal heard it. */
  leave(): Promise<boolean>;
};

const beat = z.object({
  ...{ name: z.string(), version: z.string(), names: namesSchema.nullable(), heartbeatSeconds: z.number().min(1) },
});

const FIRST_HEARTBEAT_SECONDS = 30;
const FIRST_RETRY_SECONDS = 1;
const LAST_WORD_MS = 3_000;

/** Settles when the first heartbeat was answered, or was not. */
export async function followNames(options: FollowOptions): Promise<Following> {
  const { client, machine, itself, now } = options;
  const stopped = new AbortController();
  let { have } = options;
  let name = machine.name;
  let heardAt: number | null = null;
  let problem: string | null = null;
  let everySeconds = FIRST_HEARTBEAT_SECONDS;
  let retrySeconds = FIRST_RETRY_SECONDS;

  /** Seconds until the next one; null for never. */
  async function once(): Promise<number | null> {
    const question = { method: 'POST', path: `/machines/${machine.id}/heartbeat`, token: machine.token } as const;
    const asked = await client.ask({ ...question, body: { have, ...itself } }, stopped.signal);
    if (stopped.signal.aborted) return null;
    if (asked.kind === 'refused' && [401, 404].includes(asked.status)) {
      options.onOut(asked.detail);
      return null;
    }
    const heard = asked.kind === 'answer' ? beat.safeParse(asked.json) : null;
    if (!heard?.success) {
      fail(asked.kind === 'unreachable' ? asked.sentence : asked.kind === 'refused' ? asked.detail : UNREADABLE);
      const waited = Math.min(retrySeconds, everySeconds);
      retrySeconds = Math.min(retrySeconds * 2, everySeconds);
      return waited;
    }
    succeed();
    const { names, heartbeatSeconds } = heard.data;
    name = heard.data.name;
    everySeconds = heartbeatSeconds;
    if (names) {
      have = names.version;
      options.onNames(names);
    }
    return everySeconds;
  }

  function succeed(): void {
    heardAt = now();
    retrySeconds = FIRST_RETRY_SECONDS;
    if (problem !== null) options.onPortal(null);
    problem = null;
  }

  function fail(sentence: string): void {
    if (problem !== sentence) options.onPortal(sentence);
    problem = sentence;
  }

  async function goOn(first: number | null): Promise<void> {
    for (let seconds = first; seconds !== null && !stopped.signal.aborted; ) {
      await wait(seconds * 1000, undefined, { signal: stopped.signal }).catch(() => {});
      if (!stopped.signal.aborted) seconds = await once();
    }
  }

  const running = goOn(await once());
  return {
    heardAt: () => heardAt,
    name: () => name,
    async leave() {
      stopped.abort();
      await running;
      const path = `/machines/${machine.id}/leave`;
      const until = AbortSignal.timeout(LAST_WORD_MS);
      return (await client.ask({ method: 'POST', path, token: machine.token }, until)).kind === 'answer';
    },
  };
}

const UNREADABLE = 'The portal answers what this version does not understand.';
