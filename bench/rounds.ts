// Measures contenders in turn, round after round, so that what else the machine does meets everybody alike; the median counts.
import type { Contender, ContenderName } from './contenders.ts';
import { cpuMicroseconds } from './cpu.ts';

/** The median of each contender's figures. Nobody's first burst counts. */
export async function inTurn(
  contenders: readonly Contender[],
  rounds: number,
  measure: (contender: Contender, isWarmUp: boolean) => Promise<number>,
): Promise<Map<ContenderName, number>> {
  const figures = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
  for (const contender of contenders) await measure(contender, true);
  for (let round = 0; round < rounds; round += 1) {
    for (const contender of contenders) figures.get(contender.name)?.push(await measure(contender, false));
  }
  return new Map([...figures].map(([name, values]) => [name, median(values)]));
}

/** CPU time of the contender's processes for each of the requests that `load` got answered. */
export async function cpuPerRequest(
  { pids }: Pick<Contender, 'pids'>,
  load: () => Promise<{ answered: number }>,
): Promise<number> {
  const watched = pids();
  const before = watched.map(cpuMicroseconds);
  const { answered } = await load();
  return watched.reduce((sum, pid, at) => sum + cpuMicroseconds(pid) - (before[at] ?? 0), 0) / answered;
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
