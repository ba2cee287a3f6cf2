// How fast something grows: the slope of the straight line through measurements (least squares).

/** In units of `value` for each unit of `at`. */
export function slope(points: readonly { at: number; value: number }[]): number {
  const mean = (pick: (point: { at: number; value: number }) => number) =>
    points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const at = mean((point) => point.at);
  const value = mean((point) => point.value);
  const over = points.reduce((sum, point) => sum + (point.at - at) * (point.value - value), 0);
  const under = points.reduce((sum, point) => sum + (point.at - at) ** 2, 0);
  return over / under;
}
