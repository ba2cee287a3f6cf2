// Nothing here yet: why, and the first step.
import type { ReactNode } from 'react';

export function Empty({ title, children }: { title: string; children: ReactNode }) {
  return (
    <div className="card px-6 py-10 text-center">
      <p className="font-medium">{title}</p>
      <div className="mx-auto mt-1.5 max-w-md text-[0.9375rem] text-muted">{children}</div>
    </div>
  );
}
