// Loaded into every process of a Foyer under `bench -- profile`: in the gateway, SIGUSR2 begins a CPU profile, the next one writes it.
import { writeFileSync } from 'node:fs';
import { Session } from 'node:inspector';
import process from 'node:process';

const SAMPLE_EVERY_US = 250;

const file = process.env.BENCH_PROFILE_FILE;
if (file && process.argv[1]?.endsWith('server/gateway.ts')) {
  const session = new Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.setSamplingInterval', { interval: SAMPLE_EVERY_US });
  let isRunning = false;
  process.on('SIGUSR2', () => {
    if (isRunning)
      session.post('Profiler.stop', (error, result) => writeFileSync(file, JSON.stringify(error ?? result.profile)));
    else session.post('Profiler.start');
    isRunning = !isRunning;
  });
}
