// 1 KB over HTTP/2 and TLS 1.3, with many requests under way on every connection: CPU time a request.
import { CONTENDERS, type Contender, PEER_PROGRAMS } from './contenders.ts';
import { withField } from './field.ts';
import { APP_HOST } from './foyer-side.ts';
import type { H2Load } from './h2load.ts';
import { requireMachine } from './machine.ts';
import { KB } from './origin.ts';
import { type BenchResult, rowOf } from './result.ts';
import { cpuInTurn } from './rounds.ts';

const CONNECTIONS = 32;
const STREAMS = 8;

export async function benchH2(quick: boolean): Promise<BenchResult> {
  requireMachine([...PEER_PROGRAMS, 'h2load']);
  // The http-proxy package speaks HTTP/1.1 alone.
  const names = CONTENDERS.filter((name) => name !== 'http-proxy');
  return withField(names, 'https', async (contenders) => {
    const rounds = { rounds: quick ? 2 : 5, seconds: quick ? 2 : 8, warmUpRequests: 4_000 };
    const figures = await cpuInTurn(contenders, rounds, loadOf);
    const bars = { nginx: 1.6, 'nginx-auth-request': 0.7 };
    return { bench: 'h2', rows: [rowOf({ id: 'h2-1k', unit: 'cpu-us/request' }, figures, bars)] };
  });
}

function loadOf({ scheme, port, cookie }: Contender): Omit<H2Load, 'requests'> {
  const what = { host: APP_HOST, path: '/1k', bodyBytes: KB, connections: CONNECTIONS, streams: STREAMS } as const;
  return { ...what, protocol: 'h2', scheme, port, cookie };
}
