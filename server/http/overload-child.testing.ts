// A gateway in a process of its own, which may open few files: for tests of what it does at that limit.
import { pino } from 'pino';
import { httpServer, startGateway } from './gateway.testing.ts';
import { DEFAULT_LIMITS } from './limits.ts';
import { sampleOverload } from './overload-facts.ts';
import { watchOverload } from './overload-watch.ts';

const GB = 1_024 ** 3;
const lasting = { after: () => {} };
let release = () => {};
const upstream = await httpServer(lasting, (request, response) => {
  if (request.url !== '/slow') response.end('ok');
  else release = () => response.end('at last');
});
const overload = watchOverload({
  limits: DEFAULT_LIMITS,
  sampler: sampleOverload({ memoryBytes: 4 * GB, heapBytes: 4 * GB, connectionLimit: DEFAULT_LIMITS.connections }),
  log: pino({ level: 'silent' }),
  now: () => performance.now(),
});
const gateway = await startGateway(lasting, {
  apps: [{ id: 'wiki', hosts: ['wiki.test'], upstream }],
  overload,
});
process.on('message', (message) => {
  if (message === 'release') release();
  process.send?.({ shed: overload.shed });
});
process.send?.({ port: gateway.port, cookie: gateway.cookie(gateway.signIn(), 'wiki.test') });
