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
  const draw = line<Point>(
    ({ x }) => x,
    ({ value }) => up(value ?? 0),
  )
    .defined(({ value }) => value !== null)
    .digits(1);
  const fill = area<Point>(
    ({ x }) => x,
    BOX.height,
    ({ value }) => up(value ?? 0),
  )
    .defined(({ value }) => value !== null)
    .digits(1);
  const [only] = series.length === 1 ? series : [];
  return {
    lines: series.map((values) => draw(pointsOf(values, count)) ?? ''),
    area: (only && fill(pointsOf(only, count))) ?? '',
    ticks: up
      .ticks(TICKS)
      .filter((value) => value > 0)
      .map((value) => ({ y: up(value) / BOX.height, value })),
  };
}

type Point = { x: number; value: number | null };

/** Along the width of `count` steps. A value without neighbours is a stroke as long as its step, since a line of one point is a dot. */
function pointsOf(values: readonly (number | null)[], count: number): Point[] {
  const step = BOX.width / Math.max(1, count - 1);
  return values.flatMap((value, at) => {
    const x = count > 1 ? at * step : BOX.width / 2;
    const isAlone = value !== null && (values[at - 1] ?? null) === null && (values[at + 1] ?? null) === null;
    if (!isAlone) return [{ x, value }];
    return [x - step / 2, x + step / 2].map((end) => ({ x: Math.min(BOX.width, Math.max(0, end)), value }));
  });
}

const TICKS = 2;
