// What every bench gives back: rows with Foyer's figure, its peers' figures, and the bars that were set.

/** `ratio` is Foyer's figure by the peer's; a bar with the peer `absolute` is set in the row's own unit, and `ratio` is the figure. */
export type Bar = { peer: string; max: number; ratio: number; met: boolean };
export type BenchRow = {
  id: string;
  /** As in `cpu-us/request`, `ms`, `MB`. */
  unit: string;
  foyer: number;
  peers: Record<string, number>;
  bars: Bar[];
  /** What a reader has to know to read the figure right. */
  note?: string;
};
export type BenchResult = { bench: string; rows: BenchRow[] };

/** Foyer's figure may be at most so many times the peer's. A figure that is missing meets nothing. */
export function bar(peer: string, max: number, foyer: number, peerFigure: number): Bar {
  const ratio = rounded(foyer / peerFigure, 2);
  return { peer, max, ratio, met: ratio <= max };
}

/** Foyer's figure itself may be at most so much. */
export function absoluteBar(max: number, foyer: number): Bar {
  return { peer: 'absolute', max, ratio: rounded(foyer, 2), met: foyer <= max };
}

/** Bars for those peers that were measured. */
function barsOf(wanted: Readonly<Record<string, number>>, foyer: number, peers: Record<string, number>): Bar[] {
  return Object.entries(wanted).map(([peer, max]) => bar(peer, max, foyer, peers[peer] ?? Number.NaN));
}

/** Figures are data; a request that fails is a failure of the bench, in whichever row it was counted. */
export function hasFailedRequests({ rows }: BenchResult): boolean {
  return rows.some(({ unit, foyer }) => unit === FAILED_REQUESTS && foyer > 0);
}

export const FAILED_REQUESTS = 'failed requests';

/** Splits measured figures into Foyer's and everybody else's. */
export function rowOf(
  row: Pick<BenchRow, 'id' | 'unit' | 'note'>,
  figures: ReadonlyMap<string, number>,
  wanted: Readonly<Record<string, number>>,
): BenchRow {
  const all = [...figures].map(([name, figure]) => [name, rounded(figure, figure < 10 ? 2 : 1)] as const);
  const foyer = new Map<string, number>(all).get('foyer') ?? Number.NaN;
  const peers = Object.fromEntries(all.filter(([name]) => name !== 'foyer'));
  const { note, ...rest } = row;
  return { ...rest, foyer, peers, bars: barsOf(wanted, foyer, peers), ...(note ? { note } : {}) };
}

export function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

export function formatTable({ bench, rows }: BenchResult): string {
  return `${bench}\n${rows.map(formatRow).join('')}`;
}

function formatRow({ id, unit, foyer, peers, bars, note }: BenchRow): string {
  const line = (name: string, figure: number) => {
    const ratio = name === 'foyer' || figure <= 0 ? '' : rounded(foyer / figure, 2).toFixed(2);
    const set = bars.find(({ peer }) => peer === name);
    return `  ${name.padEnd(24)}${String(figure).padStart(10)}${ratio.padStart(10)}${set ? wanted(set) : ''}`;
  };
  const named = Object.entries(peers);
  const others = bars.filter(({ peer }) => peer !== 'absolute' && !(peer in peers));
  const absolute = bars.find(({ peer }) => peer === 'absolute');
  return [
    '',
    `  ${id.padEnd(23)} ${unit.padStart(10)}${named.length > 0 ? '   foyer ÷' : ''}`,
    `${line('foyer', foyer)}${absolute ? `${' '.repeat(10)}${wanted(absolute)}` : ''}`,
    ...named.map(([name, figure]) => line(name, figure)),
    ...others.map((each) => `  ${`÷ ${each.peer}`.padEnd(34)}${each.ratio.toFixed(2).padStart(10)}${wanted(each)}`),
    ...(note ? [`  ${note}`] : []),
    '',
  ].join('\n');
}

function wanted({ max, met }: Bar): string {
  return `   ≤ ${max} ${met ? 'met' : 'MISSED'}`;
}
