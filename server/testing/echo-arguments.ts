// A program for tests of bin/run.js: says which Node it runs in and what it was given, and ends as it is told.
const [mode, ...args]: string[] = process.argv.slice(2);
if (mode === 'exit') process.exitCode = Number(args[0]);
if (mode === 'wait') {
  const timer = setInterval(() => {}, 60_000);
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
    process.once(signal, () => {
      process.stdout.write(`${signal}\n`);
      process.exitCode = 7;
      clearInterval(timer);
    });
}
process.stdout.write(`${JSON.stringify({ version: process.version, args, pid: process.pid })}\n`);
