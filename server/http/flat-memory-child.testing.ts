// A gateway in a process of its own, whose memory is nobody else's: for tests that send much through it.
import { startGateway } from './gateway.testing.ts';

const lasting = { after: () => {} };
const apps = [{ id: 'wiki', hosts: ['wiki.test'] as const, upstream: Number(process.argv[2]) }];
const plain = await startGateway(lasting, { apps });
const secure = await startGateway(lasting, { apps, scheme: 'https' });
process.send?.({
  http: { port: plain.port, cookie: plain.cookie(plain.signIn(), 'wiki.test') },
  https: { port: secure.port, cookie: secure.cookie(secure.signIn(), 'wiki.test') },
});
process.on('disconnect', () => process.exit());
