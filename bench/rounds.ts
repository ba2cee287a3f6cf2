// Measures contenders in turn, round after round, so that what else the machine does meets everybody alike; the median counts.
import type { Contender, ContenderName } from './contenders.ts';
import { cpuMicroseconds } from './cpu.ts';
import { Burst, type H2Load, type Loaded } from './h2load.ts';

/** How long each contender is loaded in each round. The load that warms up also tells how fast each of them is. */
export type Rounds = { rounds: number; seconds: number; warmUpRequests: number; warmUpSeconds?: number };
/** Of a gateway's first 60,000 requests, the later ones cost half of the first: slow work takes longer to get there. */
const WARM_UP_SECONDS = 3;
export type Measured = { cpuUs: number; loaded: Loaded };

/** The median of each contender's CPU microseconds a request, over its rounds. Nobody's warm-up counts. */
export async function cpuInTurn(
  contenders: readonly Contender[],
  { rounds, seconds, warmUpRequests, warmUpSeconds = WARM_UP_SECONDS }: Rounds,
  loadOf: (contender: Contender) => Omit<H2Load, 'requests'>,
  onMeasured: (contender: Contender, measured: Measured) => void = () => {},
): Promise<Map<ContenderName, number>> {
  const figures = new Map<ContenderName, number[]>(contenders.map(({ name }) => [name, []]));
  const bursts = new Map(contenders.map((contender) => [contender, new Burst(warmUpRequests)]));
  for (const [contender, burst] of bursts) {
    // The first load tells how fast it is, the second lets an engine that compiles as it runs come to rest.
    for (const each of [1, warmUpSeconds]) await burst.run(loadOf(contender), each);
  }
  for (let round = 0; round < rounds; round += 1) {
    for (const [contender, burst] of bursts) {
      const measured = await cpuPerRequest(contender, () => burst.run(loadOf(contender), seconds));
      figures.get(contender.name)?.push(measured.cpuUs);
      onMeasured(contender, measured);
    }
  }
  return new Map([...figures].map(([name, values]) => [name, median(values)]));
}

/** CPU time of the contender's processes for each of the requests that `load` got answered. */
export async function cpuPerRequest<T extends { answered: number }>(
  { pids }: Pick<Contender, 'pids'>,
  load: () => Promise<T>,
): Promise<{ cpuUs: number; loaded: T }> {
  const watched = pids();
  const before = watched.map(cpuMicroseconds);
  const loaded = await load();
  const used = watched.reduce((sum, pid, at) => sum + cpuMicroseconds(pid) - (before[at] ?? 0), 0);
  return { cpuUs: used / loaded.answered, loaded };
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  if (sorted.length % 2 === 1) return sorted[middle] ?? Number.NaN;
  return ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2;
}
