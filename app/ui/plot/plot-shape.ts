// The geometry of a plot: from numbers to paths, in a box of 1000 × 100 that is stretched to whatever room there is.
import { scaleLinear } from 'd3-scale';
import { area, line } from 'd3-shape';

export const BOX = { width: 1_000, height: 100 } as const;

export type PlotShape = {
  /** One path for each series; '' where there is nothing to draw. */
  lines: string[];
  /** Below the only series; '' with several. */
  area: string;
  /** Where a line of the grid is, from 0 at the top to 1, and what it stands for. */
  ticks: { y: number; value: number }[];
};

/** Zero is always in sight: a plot that begins elsewhere makes hills of noise. */
export function shapeOf(series: readonly (readonly (number | null)[])[]): PlotShape {
  const highest = Math.max(0, ...series.flat().map((value) => value ?? 0));
  const up = scaleLinear([0, highest || 1], [BOX.height, 0]).nice(TICKS);
  const count = Math.max(...series.map(({ length }) => length));
  const along = (at: number) => (count > 1 ? (at / (count - 1)) * BOX.width : BOX.width / 2);
  const draw = line<number | null>(
    (_, at) => along(at),
    (value) => up(value ?? 0),
  )
    .defined((value) => value !== null)
    .digits(1);
  const fill = area<number | null>(
    (_, at) => along(at),
    BOX.height,
    (value) => up(value ?? 0),
  )
    .defined((value) => value !== null)
    .digits(1);
  const [only] = series.length === 1 ? series : [];
  return {
    lines: series.map((values) => draw([...values]) ?? ''),
    area: (only && fill([...only])) ?? '',
    ticks: up
      .ticks(TICKS)
      .filter((value) => value > 0)
      .map((value) => ({ y: up(value) / BOX.height, value })),
  };
}

const TICKS = 2;
