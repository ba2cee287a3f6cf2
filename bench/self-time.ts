// Reads a CPU profile of V8: which functions the time was spent in themselves, without what they called.

/** The parts of a .cpuprofile that are read here. Times are microseconds. */
export type CpuProfile = {
  nodes: {
    id: number;
    callFrame: { functionName: string; url: string; lineNumber: number };
    children?: number[];
  }[];
  samples: number[];
  timeDeltas: number[];
};

/** `place` is file and line; `us` is self time. */
export type SelfTime = { name: string; place: string; us: number };

/** The most expensive first; idle time is left out. */
export function selfTimes({ nodes, samples, timeDeltas }: CpuProfile, root: string): SelfTime[] {
  const byNode = new Map<number, number>();
  // A sample stands for the time until the next one.
  for (const [at, id] of samples.entries())
    byNode.set(id, (byNode.get(id) ?? 0) + Math.max(0, timeDeltas[at + 1] ?? 0));
  const byPlace = new Map<string, SelfTime>();
  for (const { id, callFrame } of nodes) {
    const us = byNode.get(id) ?? 0;
    const { functionName, url, lineNumber } = callFrame;
    if (us === 0 || functionName === '(idle)') continue;
    const file = url.replace(/^file:\/\//, '').replace(`${root}/`, '');
    const place = file ? `${file}:${lineNumber + 1}` : '';
    const name = functionName || '(anonymous)';
    const known = byPlace.get(`${name} ${place}`);
    if (known) known.us += us;
    else byPlace.set(`${name} ${place}`, { name, place, us });
  }
  return [...byPlace.values()].sort((a, b) => b.us - a.us);
}

/** The same by file; what has none is V8's and the kernel's. */
export function byFile(times: readonly SelfTime[]): SelfTime[] {
  const files = Map.groupBy(times, ({ place }) => place.replace(/:\d+$/, '') || 'native code and the kernel');
  return [...files]
    .map(([place, each]) => ({
      name: `${each.length} functions`,
      place,
      us: each.reduce((sum, { us }) => sum + us, 0),
    }))
    .sort((a, b) => b.us - a.us);
}

/** `requests` were answered while the profile was taken; the share of each is printed beside it. */
export function formatSelfTimes(times: readonly SelfTime[], requests: number, most: number): string {
  const all = times.reduce((sum, { us }) => sum + us, 0);
  const line = ({ name, place, us }: SelfTime) =>
    `${((us / all) * 100).toFixed(1).padStart(6)} %  ${(us / requests).toFixed(2).padStart(7)} µs/request  ${name}  ${place}`;
  const rest = times.slice(most);
  const left = { name: `${rest.length} more`, place: '', us: rest.reduce((sum, { us }) => sum + us, 0) };
  return [...times.slice(0, most), ...(rest.length > 0 ? [left] : [])].map(line).join('\n');
}
