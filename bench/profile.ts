// `npm run bench -- profile [http|tls|h2|64k|64k-upload] [--quick]`: the functions that the gateway's CPU time goes to under load, most expensive first.
import { existsSync, mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildPortal } from '#server/portal/build.ts';
import { makeCertificate } from './certificate.ts';
import { APP_HOST, type BenchFoyer, PORTAL_HOST, startBenchFoyer } from './foyer-side.ts';
import { Burst, type H2Load } from './h2load.ts';
import { requireMachine } from './machine.ts';
import { KB, startOrigin, UPLOAD_ANSWER_BYTES, uploadFile } from './origin.ts';
import { cpuPerRequest } from './rounds.ts';
import { byFile, type CpuProfile, formatSelfTimes, selfTimes } from './self-time.ts';

const ROOT = join(import.meta.dirname, '..');
const SHOWN = 40;
const FILES_SHOWN = 20;
const WRITE_TIMEOUT_MS = 20_000;

/** What can be profiled; `http` is the default. */
const WORKS = {
  http: { protocol: 'http/1.1', scheme: 'http', path: '/1k', bodyBytes: KB, connections: 32 },
  tls: { protocol: 'http/1.1', scheme: 'https', path: '/1k', bodyBytes: KB, connections: 32 },
  h2: { protocol: 'h2', scheme: 'https', path: '/1k', bodyBytes: KB, connections: 32, streams: 8 },
  '64k': { protocol: 'http/1.1', scheme: 'https', path: '/64k', bodyBytes: 64 * KB, connections: 16 },
  '64k-upload': {
    ...{ protocol: 'http/1.1', scheme: 'https', path: '/upload', bodyBytes: UPLOAD_ANSWER_BYTES, connections: 16 },
    uploadBytes: 64 * KB,
  },
} as const satisfies Record<string, Partial<H2Load> & { uploadBytes?: number }>;
export const PROFILED = Object.keys(WORKS);

/** Prints what it found, and the file that DevTools and speedscope open. */
export async function profile(name: string, quick: boolean): Promise<string> {
  requireMachine(['nginx', 'h2load']);
  const dir = mkdtempSync(join(tmpdir(), 'foyer-profile-'));
  const { uploadBytes, ...work } = { uploadBytes: undefined, ...WORKS[name as keyof typeof WORKS] };
  const file = join(dir, 'gateway.cpuprofile');
  // Built here, so that the hook is loaded into Foyer's own processes alone.
  const problem = buildPortal();
  if (problem) throw new Error(problem);
  const origin = await startOrigin();
  const certificate = work.scheme === 'https' ? await makeCertificate(dir, [APP_HOST, PORTAL_HOST]) : null;
  const hook = `--import=file://${join(import.meta.dirname, 'profile-hook.js')}`;
  const env = { NODE_OPTIONS: hook, BENCH_PROFILE_FILE: file };
  let foyer: BenchFoyer | null = null;
  try {
    foyer = await startBenchFoyer({ originPort: origin.port, certificate, env });
    const upload = uploadBytes === undefined ? undefined : uploadFile(dir, uploadBytes);
    const load = { ...work, upload, host: APP_HOST, port: foyer.port, cookie: foyer.cookie };
    const burst = new Burst(4_000);
    await burst.run(load, 1);
    await burst.run(load, 1);
    const [gateway = -1] = foyer.pids('gateway');
    process.kill(gateway, 'SIGUSR2');
    const { cpuUs, loaded } = await cpuPerRequest({ pids: () => [gateway] }, () => burst.run(load, quick ? 3 : 10));
    process.kill(gateway, 'SIGUSR2');
    const found: CpuProfile = await written(file);
    const times = selfTimes(found, ROOT);
    return [
      `${name}: ${cpuUs.toFixed(1)} µs of CPU a request, the profiler’s own share among it; below is time by the clock on the main thread`,
      formatSelfTimes(times, loaded.answered, SHOWN),
      'by file',
      formatSelfTimes(byFile(times), loaded.answered, FILES_SHOWN),
      `${file} opens in a browser’s developer tools`,
      '',
    ].join('\n\n');
  } finally {
    await foyer?.stop();
    await origin.stop();
  }
}

async function written(file: string): Promise<CpuProfile> {
  const until = Date.now() + WRITE_TIMEOUT_MS;
  while (Date.now() < until) {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
    if (text.endsWith('}')) return JSON.parse(text);
  }
  throw new Error('The gateway wrote no profile.');
}
