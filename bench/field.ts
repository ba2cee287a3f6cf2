// An origin with contenders in front of it, for as long as a bench works with them.
import { type Contender, type ContenderName, startField } from './contenders.ts';
import { startOrigin } from './origin.ts';

export async function withField<T>(
  names: readonly ContenderName[],
  scheme: 'http' | 'https',
  work: (contenders: Contender[], originPort: number) => Promise<T>,
): Promise<T> {
  const origin = await startOrigin();
  try {
    const field = await startField(names, scheme, origin.port);
    try {
      return await work(field.contenders, origin.port);
    } finally {
      await field.stop();
    }
  } finally {
    await origin.stop();
  }
}
