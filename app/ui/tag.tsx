// A short word about a thing's state.
import type { ReactNode } from 'react';

const KINDS = {
  neutral: 'bg-sunken text-muted',
  ok: 'bg-ok-soft text-ok',
  warn: 'bg-warn-soft text-warn',
  danger: 'bg-danger-soft text-danger',
} as const;

export function Tag({ kind = 'neutral', children }: { kind?: keyof typeof KINDS; children: ReactNode }) {
  return (
    <span className={`inline-block rounded-md px-1.5 py-0.5 text-xs font-medium whitespace-nowrap ${KINDS[kind]}`}>
      {children}
    </span>
  );
}
