// 1 KB over HTTP/1.1 in clear: CPU time a request, and at half of Foyer's throughput the time that a proxy adds.
import { CONTENDERS, type Contender, PEER_PROGRAMS, startField } from './contenders.ts';
import { APP_HOST } from './foyer-side.ts';
import { h2load } from './h2load.ts';
import { measureLatency } from './latency.ts';
import { requireMachine } from './machine.ts';
import { KB, startOrigin } from './origin.ts';
import { type BenchResult, rowOf } from './result.ts';
import { cpuPerRequest, inTurn } from './rounds.ts';

const CONNECTIONS = 32;

export async function benchHttp(quick: boolean): Promise<BenchResult> {
  requireMachine([...PEER_PROGRAMS, 'h2load']);
  const origin = await startOrigin();
  try {
    const field = await startField(CONTENDERS, 'http', origin.port);
    try {
      let fastest = 0;
      const seconds = quick ? 1.5 : 8;
      const figures = await inTurn(field.contenders, quick ? 2 : 5, async (contender, isWarmUp) => {
        let perSecond = 0;
        const figure = await cpuPerRequest(contender, async () => {
          const loaded = await h2load(loadOf(contender, isWarmUp ? 1 : seconds));
          perSecond = loaded.answered / loaded.seconds;
          return loaded;
        });
        if (contender.name === 'foyer') fastest = Math.max(fastest, perSecond);
        return figure;
      });
      const bars = { nginx: 2.3, 'nginx-auth-request': 0.95, 'http-proxy': 0.55 };
      const row = rowOf({ id: 'http1-1k', unit: 'cpu-us/request' }, figures, bars);
      const rows = await measureLatency(field.contenders, origin.port, fastest / 2, quick);
      return { bench: 'http', rows: [row, ...rows] };
    } finally {
      await field.stop();
    }
  } finally {
    await origin.stop();
  }
}

function loadOf({ scheme, port, cookie }: Contender, seconds: number) {
  const what = { host: APP_HOST, path: '/1k', bodyBytes: KB, connections: CONNECTIONS, protocol: 'http/1.1' } as const;
  return { ...what, scheme, port, cookie, seconds };
}
