// A node of a cluster for tests, in a process of its own: real heartbeats in a store that others have open too, and a port that says its number and then what it is told.
import { createServer } from 'node:net';
import { beat } from '../cluster/beat.ts';
import { createLog } from '../log.ts';
import { openStore } from '../store/handle.ts';
import { PORTAL } from '../store/testing/temporary-store.ts';

const [dataDir = '', number = '', address = '', port = ''] = process.argv.slice(2);
const log = createLog({ level: 'info', program: `node ${number}` });
const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
const server = createServer((socket) => {
  socket.on('error', () => {});
  socket.write(`node ${number} for ${socket.remoteAddress}\n`);
  socket.pipe(socket);
});
await new Promise<void>((resolve) => server.listen({ host: address, port: Number(port) }, resolve));
const heartbeat = beat(store, { number: Number(number), gateways: 1 }, { gatewaysReady: () => 1 }, log);
process.on('SIGTERM', async () => {
  await heartbeat.stop();
  await store.close();
  process.exit(0);
});
// SIGUSR2: the port is gone, and the heart goes on beating.
process.on('SIGUSR2', () => server.close(() => process.stdout.write('closed\n')));
process.stdout.write('ready\n');
