// The block and allow lists of a nameserver as files: read piece by piece, the last good content kept, never two readings at once.
import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { createListReader, type ListCounts, suddenChange } from './dns/block-list.ts';
import { unionOf } from './dns/domain-set.ts';
import type { DomainSet } from './dns/names.ts';
import type { Logger } from './log.ts';
import type { DomainList } from './nameserver-file.ts';

export type BlockLists = {
  /** The files' domains and those that the configuration names itself. */
  domains(list: DomainList): DomainSet;
  /** Reads the files given, all at once or those that changed, and forgets the files that nobody names any more. */
  read(paths: readonly string[], named: readonly string[]): Promise<void>;
};

const CHUNK_BYTES = 64 * 1024;

export function createBlockLists(log: Logger): BlockLists {
  const good = new Map<string, DomainSet>();
  let reading: Promise<void> = Promise.resolve();

  const readOne = async (path: string) => {
    const startedAt = performance.now();
    const before = good.get(path);
    const result = await readList(path);
    const sudden = result.kind === 'list' ? suddenChange(before?.size ?? null, result.counts.names) : null;
    const sentence = result.kind === 'refused' ? result.sentence : sudden;
    if (result.kind === 'list' && sudden === null) {
      good.set(path, result.domains);
      const tookMs = Math.round(performance.now() - startedAt);
      log.info({ list: basename(path), ...result.counts, tookMs }, 'a list of domains was read');
      return;
    }
    const after =
      before === undefined
        ? 'Its names are not in force.'
        : sudden === null
          ? `The ${before.size} names of before stay in force.`
          : `The ${before.size} names of before stay in force; if the new list is right, start foyer nameserver again.`;
    log.error({ alarm: true, list: basename(path) }, `${path} ${sentence} ${after}`);
  };

  const readAll = async (paths: readonly string[], named: readonly string[]) => {
    for (const path of good.keys()) if (!named.includes(path)) good.delete(path);
    for (const path of paths) await readOne(path);
  };

  return {
    domains: ({ files, names }) => unionOf([names, ...files.flatMap((path) => good.get(path) ?? [])]),
    read: (paths, named) => {
      reading = reading.then(() => readAll(paths, named));
      return reading;
    },
  };
}

type ReadList = { kind: 'list'; domains: DomainSet; counts: ListCounts } | { kind: 'refused'; sentence: string };

/** Other work goes on between two pieces; a list that is refused is not read to its end. */
async function readList(path: string): Promise<ReadList> {
  const reader = createListReader();
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: CHUNK_BYTES }))
      if (reader.push(chunk) !== null) break;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { kind: 'refused', sentence: `cannot be read: ${why}.` };
  }
  return reader.end();
}
