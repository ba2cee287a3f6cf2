// The block and allow lists of a nameserver as files: read piece by piece, the last good content kept, never two readings at once.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createListReader, type ListCounts, suddenChange } from '#server/dns/block-list.ts';
import { namedSet, unionOf } from '#server/dns/domain-set.ts';
import { type DomainSet, NO_DOMAINS } from '#server/dns/names.ts';
import type { Logger } from '#server/log.ts';
import type { DomainList } from './file.ts';
import { contentMark, keptLists } from './kept-lists.ts';

export type BlockLists = {
  /** The files' domains and those that the configuration names itself. */
  domains(list: DomainList): DomainSet;
  /**
   * Reads the files given, all at once or those that changed, and forgets the files that nobody names any more. `isAsked`: by an operator's own word,
   * who also gets the sudden change that was refused to them just before.
   */
  read(paths: readonly string[], named: readonly string[], options: { isAsked: boolean }): Promise<void>;
};

const CHUNK_BYTES = 64 * 1024;
/** What the domains are called that the configuration itself names. */
const OWN_LIST = 'the configuration';

/** `folder` is where copies are kept for the next start; null where there is none. */
export function createBlockLists(log: Logger, folder: string | null): BlockLists {
  const good = new Map<string, DomainSet>();
  /** By its file, the mark of the list that was refused as too sudden a change. */
  const refused = new Map<string, Refused>();
  const kept = folder === null ? null : keptLists(folder, log);
  let reading: Promise<void> = Promise.resolve();

  const readOne = async (path: string, isAsked: boolean) => {
    const startedAt = performance.now();
    const list = basename(path);
    const before = good.get(path);
    const result = await readList(path);
    if (result.kind === 'refused') {
      refused.delete(path);
      if (before === undefined && (await takeKept(path, result.sentence))) return;
      const after =
        before === undefined ? 'Its names are not in force.' : `The ${before.size} names of before stay in force.`;
      log.error({ alarm: true, list }, `${path} ${result.sentence} ${after}`);
      return;
    }
    const { domains, counts, mark } = result;
    const sudden = suddenChange(before?.size ?? null, counts.names);
    if (sudden !== null && !(isAsked && isConfirmed(refused.get(path), mark, startedAt))) {
      const known = refused.get(path);
      refused.set(path, { mark, askedAt: isAsked ? startedAt : known?.mark === mark ? known.askedAt : null });
      const how = isAsked ? 'send SIGHUP again within ten minutes' : 'send SIGHUP twice within ten minutes';
      const next = `The ${before?.size} names of before stay in force; if the new list is right, ${how} to take it.`;
      log.error({ alarm: true, list }, `${path} ${sudden} ${next}`);
      return;
    }
    refused.delete(path);
    good.set(path, domains);
    log.info({ list, ...counts, tookMs: Math.round(performance.now() - startedAt) }, 'a list of domains was read');
    await kept?.keep(path, mark);
  };

  /** False where there is no copy of before that can be used. */
  const takeKept = async (path: string, sentence: string): Promise<boolean> => {
    const copy = kept?.copyOf(path) ?? null;
    const result = copy === null ? null : await readList(copy.path);
    if (copy === null || result?.kind !== 'list') return false;
    good.set(path, result.domains);
    const from = new Date(copy.keptAt).toISOString();
    const names = `The ${result.counts.names} names of the copy from ${from} are in force.`;
    log.warn({ alarm: true, list: basename(path), ...result.counts }, `${path} ${sentence} ${names}`);
    return true;
  };

  const readAll = async (paths: readonly string[], named: readonly string[], isAsked: boolean) => {
    for (const known of [good, refused]) for (const path of known.keys()) if (!named.includes(path)) known.delete(path);
    for (const path of paths) await readOne(path, isAsked);
    kept?.keepOnly(named);
  };

  return {
    domains: ({ files, names }) =>
      unionOf([
        namedSet(names, OWN_LIST),
        ...files.map((path) => namedSet(good.get(path) ?? NO_DOMAINS, basename(path))),
      ]),
    read: (paths, named, { isAsked }) => {
      reading = reading.then(() => readAll(paths, named, isAsked));
      return reading;
    },
  };
}

/** `askedAt`: when an operator was told so, monotonic milliseconds; null when nobody had asked. */
type Refused = { mark: string; askedAt: number | null };

const CONFIRMED_WITHIN_MS = 10 * 60_000;

/** A signal may be sent for another reason: only who was told just now, of the very same content, can mean it. */
function isConfirmed(refused: Refused | undefined, mark: string, now: number): boolean {
  return refused?.mark === mark && refused.askedAt !== null && now - refused.askedAt < CONFIRMED_WITHIN_MS;
}

type ReadList =
  | { kind: 'list'; domains: DomainSet; counts: ListCounts; mark: string }
  | { kind: 'refused'; sentence: string };

/** Other work goes on between two pieces; a list that is refused is not read to its end. */
async function readList(path: string): Promise<ReadList> {
  const reader = createListReader();
  const mark = contentMark();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES })) {
      if (reader.push(chunk) !== null) break;
      mark.push(chunk);
    }
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', sentence: `cannot be read: ${why}.` };
  }
  const result = reader.end();
  return result.kind === 'refused' ? result : { ...result, mark: mark.end() };
}
