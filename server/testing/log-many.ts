// A program for the test of a shared log: many lines, of requests and of its own, and one that is too long for any write.
import { createLineLog } from '../log/access-lines.ts';
import { createLog } from '../log.ts';

const [name = '', count = '0'] = process.argv.slice(2);
const log = createLog({ level: 'info', program: name });
const lines = createLineLog(log, { kind: 'stdout' });
for (let at = 0; at < Number(count); at += 1) {
  lines.write(`"access":"${name}-${at}","path":"${'p'.repeat(at % 2_000)}"`);
  if (at % 50 === 0) log.info({ own: at, text: 'x'.repeat(at) }, 'one of its own');
  // Lines come over time, and are written meanwhile.
  if (at % 20 === 0) await new Promise((resolve) => setImmediate(resolve));
}
log.warn({ err: Object.assign(new Error('é'.repeat(100_000)), { deep: { list: ['y'.repeat(50_000)] } }) }, 'too long');
lines.flush();
