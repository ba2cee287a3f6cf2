// Tells the store what this gateway has open for long, so that an administrator sees it and can end it: only what changed since.
import type { LiveEntry, LiveRegistry } from '#server/http/live.ts';
import type { Logger } from '#server/log.ts';
import type { Store } from '#server/store/handle.ts';
import {
  forgetStreams,
  type GatewayProcess,
  noteStreams,
  type OpenStream,
  type StreamChanges,
} from '#server/store/streams.ts';

const TELL_MS = 5_000;
/** What is over sooner is a request like any other. */
const LONG_MS = 5_000;
/** So many are told of; how many there are in all is in the gateway's health. */
const MAX_TOLD = 2_000;
/** How many have their bytes told anew at a time, those first whose bytes are the oldest. */
const MAX_MOVED = 200;

export type Presence = {
  /** Tells what changed. Never rejects. */
  tell(): Promise<void>;
  stop(): Promise<void>;
};

export function startPresence(store: Store, live: LiveRegistry, log: Logger, process: GatewayProcess): Presence {
  const told = new Map<string, number>();
  let telling: Promise<void> | null = null;
  let isFailing = false;

  const tellOnce = async (): Promise<void> => {
    const changes = changesSince(told, live.all(), store.now());
    try {
      if (changes.opened.length + changes.moved.length + changes.closed.length > 0)
        await noteStreams(store, process, changes);
      for (const id of changes.closed) told.delete(id);
      for (const { id, bytes } of [...changes.opened, ...changes.moved]) {
        // Last in the map: its bytes are the newest.
        told.delete(id);
        told.set(id, bytes);
      }
      isFailing = false;
    } catch (error) {
      if (!isFailing) log.warn({ err: error }, 'what is open cannot be told to the store; it is tried again');
      isFailing = true;
    }
  };
  const tell = (): Promise<void> => {
    telling ??= tellOnce().finally(() => {
      telling = null;
    });
    return telling;
  };
  const timer = setInterval(() => void tell(), TELL_MS);
  timer.unref();
  return {
    tell,
    stop: async () => {
      clearInterval(timer);
      await telling;
      await forgetStreams(store, process).catch((error) =>
        log.warn({ err: error }, 'what was open stays in the store until it is old'),
      );
    },
  };
}

/** `told`: the bytes of each stream as they were told last, the oldest first. */
function changesSince(told: ReadonlyMap<string, number>, entries: readonly LiveEntry[], now: number): StreamChanges {
  const open = new Map(entries.filter((entry) => isLong(entry, now)).map((entry) => [entry.id, entry]));
  const closed = [...told.keys()].filter((id) => !open.has(id));
  const room = MAX_TOLD - (told.size - closed.length);
  const opened = [...open.values()].filter(({ id }) => !told.has(id)).slice(0, Math.max(0, room));
  const moved = [];
  for (const [id, bytes] of told) {
    const now = open.get(id)?.outcome.bytes ?? bytes;
    if (now !== bytes) moved.push({ id, bytes: now });
    if (moved.length === MAX_MOVED) break;
  }
  return { opened: opened.map(streamOf), moved, closed };
}

/** A WebSocket is one from its first moment, since it has no end in sight. */
function isLong({ kind, since }: LiveEntry, now: number): boolean {
  return kind === 'websocket' || now - since >= LONG_MS;
}

function streamOf({ app, id, kind, outcome, sessionId, since }: LiveEntry): OpenStream {
  return { id, sessionId, appId: app.id, kind: kind === 'websocket' ? kind : 'answer', since, bytes: outcome.bytes };
}
