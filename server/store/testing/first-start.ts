// A process that makes a store where there is none: made to be killed meanwhile.
import { migrateStore } from '../handle.ts';

const [dataDir = ''] = process.argv.slice(2);
console.log('begun');
await migrateStore({ dataDir, now: Date.now });
console.log('made');
setInterval(() => {}, 1_000);
