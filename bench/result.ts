// What every bench gives back: rows with Foyer's figure, its peers' figures, and the bars that were set.

export type Bar = { peer: string; max: number; ratio: number; met: boolean };
export type BenchRow = {
  id: string;
  /** As in `cpu-us/request`, `ms`, `MB`. */
  unit: string;
  foyer: number;
  peers: Record<string, number>;
  bars: Bar[];
};
export type BenchResult = { bench: string; rows: BenchRow[] };

export function bar(peer: string, max: number, foyer: number, peerFigure: number): Bar {
  const ratio = Math.round((foyer / peerFigure) * 100) / 100;
  return { peer, max, ratio, met: ratio <= max };
}

export function formatTable({ bench, rows }: BenchResult): string {
  const lines = rows.flatMap((row) => [
    `${row.id.padEnd(28)} ${row.unit}`,
    `  ${'foyer'.padEnd(24)} ${row.foyer}`,
    ...Object.entries(row.peers).map(([peer, figure]) => `  ${peer.padEnd(24)} ${figure}`),
    ...row.bars.map(
      (each) =>
        `  ${`÷ ${each.peer}`.padEnd(24)} ${each.ratio}   wanted ≤ ${each.max}   ${each.met ? 'met' : 'missed'}`,
    ),
  ]);
  return `${bench}\n${lines.join('\n')}\n`;
}
