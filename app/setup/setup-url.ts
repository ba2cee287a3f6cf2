// The address of a one-time link.
import type { Portal } from '#server/core/snapshot.ts';

export function setupUrl({ origin }: Pick<Portal, 'origin'>, token: string): string {
  return `${origin}/setup?${new URLSearchParams({ token })}`;
}
