// A process that follows the change feed and says on stdout what it hears: one JSON array of changes a line.
import { openStore } from '../handle.ts';
import { PORTAL } from './temporary-store.ts';

const [dataDir = ''] = process.argv.slice(2);
const store = await openStore({ dataDir, secret: Buffer.alloc(32, 1), portal: PORTAL, now: Date.now });
store.feed.subscribe((changes) => console.log(JSON.stringify(changes)));
process.once('disconnect', () => store.close());
console.log('ready');
