// A program for the logger's test: secrets at every depth, an error, many lines, and an exit right behind them.
import { createLineLog } from '../log/access-lines.ts';
import { createLog } from '../log.ts';

const log = createLog({ level: 'info', program: 'test' });
log.info({ headers: { cookie: 'S3CRET', 'set-cookie': ['S3CRET'], authorization: 'S3CRET', host: 'kept' } }, 'request');
log.warn({ request: { headers: { cookie: 'S3CRET', 'foyer-assertion': 'S3CRET' } } }, 'nested');
log.error({ password: 'S3CRET', user: { clientSecret: 'S3CRET' }, try: 'S3CRET', token: 'S3CRET' }, 'top');
log.error({ err: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }) }, 'it failed');
for (let count = 0; count < 500; count++) log.info({ count }, 'one of many');
const lines = createLineLog(log, { kind: 'stdout' });
lines.write('"access":"A1","ms":3');
lines.write('"access":"A2","ms":4');
lines.flush();
log.fatal('the last');
process.exit(0);
