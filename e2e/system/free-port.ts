// A port that nothing listens on right now.
import { once } from 'node:events';
import { createServer } from 'node:net';

export async function freePort(address = '127.0.0.1'): Promise<number> {
  const server = createServer().listen(0, address);
  await once(server, 'listening');
  const bound = server.address();
  server.close();
  await once(server, 'close');
  if (bound === null || typeof bound === 'string') throw new Error('a TCP server has no port');
  return bound.port;
}
