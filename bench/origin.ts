// The origins behind every proxy of a bench: nginx for plain bodies, and a Node program where sockets and streams are spoken.
import { chmodSync, closeSync, ftruncateSync, mkdirSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startChild } from '../e2e/system/child.ts';
import { freePort } from '../e2e/system/free-port.ts';
import { LOAD_CORE, pinned } from './machine.ts';
import { startNginx } from './nginx.ts';

export type Origin = { port: number; stop(): Promise<void> };

export const KB = 1024;
export const MB = 1024 * KB;

/** What `/upload` answers with. */
export const UPLOAD_ANSWER_BYTES = 'taken'.length;

/** Serves /1k, /64k and /100m, and takes POST /upload. */
export async function startOrigin(): Promise<Origin> {
  const port = await freePort();
  const nginx = await startNginx('origin.conf', LOAD_CORE, { port, kilobyte: 'x'.repeat(KB) }, (dir) => {
    const files = join(dir, 'files');
    mkdirSync(files);
    writeFileSync(join(files, '64k'), Buffer.alloc(64 * KB, 'x'));
    writeFileSync(join(files, '100m'), Buffer.alloc(100 * MB, 'x'));
    // The worker may run as another user than the one who starts it.
    for (const each of [dir, files]) chmodSync(each, 0o755);
  });
  return { port, stop: nginx.stop };
}

/** A file of that many bytes to send. */
export function uploadFile(dir: string, bytes: number): string {
  const file = join(dir, `upload-${bytes}`);
  const fd = openSync(file, 'w');
  ftruncateSync(fd, bytes);
  closeSync(fd);
  return file;
}

/** Serves /1k, /64k and /sse, takes POST /upload, and echoes WebSocket messages at /ws. */
export async function startStreamOrigin(): Promise<Origin> {
  const port = await freePort();
  const program = join(import.meta.dirname, 'stream-origin.ts');
  const child = startChild(pinned(LOAD_CORE, [process.execPath, program, String(port)]));
  await child.line(/listening/);
  return { port, stop: () => child.stop() };
}
