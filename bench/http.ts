// 1 KB over HTTP/1.1 in clear: CPU time a request, and at half of Foyer's throughput the time that a proxy adds.
import { CONTENDERS, type Contender, PEER_PROGRAMS } from './contenders.ts';
import { withField } from './field.ts';
import { APP_HOST } from './foyer-side.ts';
import type { H2Load } from './h2load.ts';
import { measureLatency } from './latency.ts';
import { requireMachine } from './machine.ts';
import { KB } from './origin.ts';
import { type BenchResult, rowOf } from './result.ts';
import { cpuInTurn } from './rounds.ts';

const CONNECTIONS = 32;

export async function benchHttp(quick: boolean): Promise<BenchResult> {
  requireMachine([...PEER_PROGRAMS, 'h2load']);
  return withField(CONTENDERS, 'http', async (contenders, originPort) => {
    let fastest = 0;
    const rounds = { rounds: quick ? 2 : 5, seconds: quick ? 1.5 : 8, warmUpRequests: 4_000 };
    const figures = await cpuInTurn(contenders, rounds, loadOf, ({ name }, { loaded }) => {
      if (name === 'foyer') fastest = Math.max(fastest, loaded.answered / loaded.seconds);
    });
    const bars = { nginx: 2.3, 'nginx-auth-request': 0.95, 'http-proxy': 0.55 };
    const row = rowOf({ id: 'http1-1k', unit: 'cpu-us/request' }, figures, bars);
    return { bench: 'http', rows: [row, ...(await measureLatency(contenders, originPort, fastest / 2, quick))] };
  });
}

function loadOf({ scheme, port, cookie }: Contender): Omit<H2Load, 'requests'> {
  const what = { host: APP_HOST, path: '/1k', bodyBytes: KB, connections: CONNECTIONS, protocol: 'http/1.1' } as const;
  return { ...what, scheme, port, cookie };
}
