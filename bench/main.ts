// `npm run bench -- <name> [--quick] [--json]`: each bench stands beside its peers in one run and prints a table or one JSON document.
import { benchHttp } from './http.ts';
import { type BenchResult, formatTable } from './result.ts';
import { benchStart } from './start.ts';

const BENCHES: Record<string, (quick: boolean) => Promise<BenchResult>> = { http: benchHttp, start: benchStart };

const [name = '', ...flags] = process.argv.slice(2);
const bench = BENCHES[name];
const unknown = flags.filter((flag) => flag !== '--quick' && flag !== '--json');
if (!bench || unknown.length > 0) {
  process.stderr.write(`Write npm run bench -- ${Object.keys(BENCHES).join('|')} [--quick] [--json].\n`);
  process.exitCode = 2;
} else {
  try {
    const result = await bench(flags.includes('--quick'));
    process.stdout.write(flags.includes('--json') ? `${JSON.stringify(result)}\n` : formatTable(result));
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : error}\n`);
    process.exitCode = 1;
  }
}
