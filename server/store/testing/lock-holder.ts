// A process that locks a data directory, says how that went, and stays until it is ended.
import { lockDataDir } from '../lock.ts';

const [dataDir = ''] = process.argv.slice(2);
const lock = lockDataDir(dataDir);
console.log(lock.kind === 'refused' ? lock.sentence : lock.kind);
process.once('disconnect', () => process.exit());
