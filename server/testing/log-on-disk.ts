// A program for the test of a full disk: logs to a file without end, says on stdout that it lives, and ends in order when it is told.
import { openSync } from 'node:fs';
import { createLog } from '../log.ts';

const [file = ''] = process.argv.slice(2);
const log = createLog({ level: 'info', program: 'test', fd: openSync(file, 'a') });
let written = 0;
setInterval(() => {
  for (let count = 0; count < 100; count++) log.info({ count, text: 'x'.repeat(100) }, 'one of many');
  written += 100;
  console.log(`written ${written}`);
}, 50);
process.once('message', () => process.exit(0));
console.log('begun');
