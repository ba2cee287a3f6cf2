// `npm run bench -- <name> [--quick] [--json]`: each bench stands beside its peers in one run and prints a table or one JSON document.
import process from 'node:process';
import { benchBodies } from './bodies.ts';
import { benchDns } from './dns.ts';
import { benchH2 } from './h2.ts';
import { benchHttp } from './http.ts';
import { benchPortal } from './portal.ts';
import { PROFILED, profile } from './profile.ts';
import { benchReload } from './reload.ts';
import { type BenchResult, formatTable, hasFailedRequests } from './result.ts';
import { benchScale } from './scale.ts';
import { benchSoak } from './soak.ts';
import { benchStart } from './start.ts';
import { benchWebSocket } from './websocket.ts';

type Bench = { tells: string; run(quick: boolean, long: boolean): Promise<BenchResult> };
const BENCHES: Readonly<Record<string, Bench>> = {
  http: { tells: '1 KB over HTTP/1.1: CPU a request, and the time that a proxy adds', run: benchHttp },
  h2: { tells: '1 KB over HTTP/2 and TLS 1.3: CPU a request', run: benchH2 },
  bodies: { tells: '64 KB and 100 MB over TLS, down and up: CPU a request, and memory', run: benchBodies },
  websocket: { tells: 'thousands of idle WebSockets: memory for each', run: benchWebSocket },
  scale: { tells: 'many apps, sessions and assignments: how much CPU a request grows', run: benchScale },
  soak: {
    tells: 'a minute of mixed load, half an hour with --long: whether memory grows, whether a request fails',
    run: (quick, long) => benchSoak(quick ? 'quick' : long ? 'long' : 'short'),
  },
  reload: { tells: 'twenty reloads while newcomers arrive: failed requests', run: benchReload },
  portal: { tells: 'the portal’s pages with 2,000 apps and 10,000 people: axe, Lighthouse, times', run: benchPortal },
  dns: { tells: 'local, cached and blocked names: CPU a query, with few names and very many', run: benchDns },
  start: { tells: 'a fresh gateway’s first request, and the memory of portal and gateways', run: benchStart },
};
const USAGE = `npm run bench -- <name> [--quick] [--json]

${Object.entries(BENCHES)
  .map(([name, { tells }]) => `  ${name.padEnd(10)} ${tells}`)
  .join('\n')}
  ${'profile'.padEnd(10)} the functions that the gateway’s CPU time goes to: npm run bench -- profile ${PROFILED.join('|')}

--quick takes under a minute and shortens every measurement. Figures are data: a bar that is missed does not fail a bench,
a request that fails does.
`;

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...rest]: readonly string[]): Promise<number> {
  if (name === undefined) return say(USAGE, 0);
  const work = name === 'profile' && PROFILED.includes(rest[0] ?? '') ? rest[0] : undefined;
  const flags = work === undefined ? rest : rest.slice(1);
  const known = ['--quick', '--json', ...(name === 'soak' ? ['--long'] : [])];
  const unknown = flags.find((flag) => !known.includes(flag));
  const bench = BENCHES[name];
  if ((!bench && name !== 'profile') || unknown) return complain(`There is no ${unknown ?? name}.\n\n${USAGE}`, 2);
  const quick = flags.includes('--quick');
  try {
    if (!bench) return say(await profile(work ?? 'http', quick), 0);
    const result = await bench.run(quick, flags.includes('--long'));
    const text = flags.includes('--json') ? `${JSON.stringify(result)}\n` : formatTable(result);
    return say(text, hasFailedRequests(result) ? 1 : 0);
  } catch (error) {
    return complain(`${error instanceof Error ? error.message : error}\n`, 1);
  }
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

function complain(text: string, code: number): number {
  process.stderr.write(text);
  return code;
}
