// How far back a plot looks, and in which steps: so many points that a line is a line on a telephone too.
import { SPANS, type Span } from './usage.ts';

export const RANGES = ['hour', 'day', 'week', 'month'] as const;
export type Range = (typeof RANGES)[number];

/** `span`: the rows that it is made of. `stepMs`: what becomes one point. */
export type RangeSteps = { span: Span; stepMs: number; lengthMs: number };

const { hour, minute } = SPANS;

export const RANGE_STEPS: Record<Range, RangeSteps> = {
  hour: { span: 'minute', stepMs: minute, lengthMs: hour },
  day: { span: 'minute', stepMs: 15 * minute, lengthMs: 24 * hour },
  week: { span: 'hour', stepMs: 2 * hour, lengthMs: 7 * 24 * hour },
  month: { span: 'hour', stepMs: 12 * hour, lengthMs: 30 * 24 * hour },
};

/** The beginnings of the steps (epoch ms), the one of now last: it is not over yet. */
export function stepsOf(range: Range, now: number): number[] {
  const { lengthMs, stepMs } = RANGE_STEPS[range];
  const last = Math.floor(now / stepMs) * stepMs;
  const count = lengthMs / stepMs;
  return Array.from({ length: count }, (_, at) => last - (count - 1 - at) * stepMs);
}
