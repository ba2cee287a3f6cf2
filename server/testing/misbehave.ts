// Loaded into a Foyer process before its own code (NODE_OPTIONS): on SIGUSR2 it does what a bug would do, as MISBEHAVE says.
const hoard: Buffer[][] = [];

process.on('SIGUSR2', () => {
  switch (process.env.MISBEHAVE) {
    case 'throw':
      setImmediate(() => {
        throw new Error('a bug in a callback');
      });
      return;
    case 'reject':
      void Promise.reject(new Error('a bug in a promise'));
      return;
    case 'hoard':
      // On JavaScript's own heap, which the process has a bound for.
      for (;;) hoard.push(Array.from({ length: 10_000 }, () => Buffer.alloc(1)));
  }
});
