// nginx as origin and as peers: one worker each, keep-alive on both sides.
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Child, runCommand, startChild } from '../e2e/system/child.ts';

export type Nginx = { pids(): number[]; stop(): Promise<void> };

export async function requireNginx(): Promise<void> {
  try {
    await runCommand(['nginx', '-v']);
  } catch {
    throw new Error(
      'This bench needs nginx as origin and peer: apt-get install -y --no-install-recommends nginx-light',
    );
  }
}

/** `server` is the body of one server block. */
export async function startNginx(name: string, http: string, tree: (pid: number) => number[]): Promise<Nginx> {
  const dir = mkdtempSync(join(tmpdir(), `foyer-bench-${name}-`));
  mkdirSync(join(dir, 'temp'));
  const temp = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (kind) => `${kind}_temp_path ${dir}/temp/${kind};`,
  );
  writeFileSync(
    join(dir, 'nginx.conf'),
    `daemon off; worker_processes 1; pid ${dir}/nginx.pid; error_log stderr notice;
events { worker_connections 4096; }
http { access_log ${dir}/access.log; keepalive_requests 1000000; keepalive_timeout 60; ${temp.join(' ')} ${http} }\n`,
  );
  const child: Child = startChild(['nginx', '-p', dir, '-c', join(dir, 'nginx.conf')], {});
  await child.line(/start worker process(es)?$|start worker process \d+/);
  return { pids: () => tree(child.pid), stop: () => child.stop('SIGQUIT').then(() => {}) };
}
