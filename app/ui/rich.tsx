// The tags that texts may hold: `<b>` for what matters, `<code>` for what is typed.
import type { ReactNode } from 'react';

export function strong(children: ReactNode) {
  return <strong>{children}</strong>;
}

export function code(children: ReactNode) {
  return <code>{children}</code>;
}
