// A web app with WebSocket that nobody here wrote: Debian's websocketd with its own console page, in front of `cat`.
import { findProgram } from '../../tools/prerequisites.ts';
import { type Child, startChild } from './child.ts';
import { freePort } from './free-port.ts';

export type ThirdPartyApp = { address: string; port: number; stop: Child['stop'] };

export async function startThirdPartyApp(address: string): Promise<ThirdPartyApp> {
  const port = await freePort(address);
  // It accepts a socket only from its own origin, so it also proves that Host and Origin arrive as the browser meant them.
  const options = ['--devconsole', '--sameorigin=true', `--address=${address}`, `--port=${port}`];
  const child = startChild([findProgram('websocketd') ?? 'websocketd', ...options, 'cat']);
  await child.line(/Starting WebSocket server/);
  return { address, port, stop: child.stop };
}
