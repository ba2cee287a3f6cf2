// The head of an admin page: what this is, and the one thing to do.
import type { ReactNode } from 'react';

export function PageHead({ title, about, children }: { title: string; about?: ReactNode; children?: ReactNode }) {
  return (
    <div className="mb-6 flex flex-wrap items-start justify-between gap-x-6 gap-y-3">
      <div className="min-w-0 max-w-2xl">
        <h1 className="text-[1.375rem] font-semibold tracking-tight break-words">{title}</h1>
        {about && <p className="mt-1 text-[0.9375rem] text-muted">{about}</p>}
      </div>
      {children && <div className="flex flex-wrap gap-2">{children}</div>}
    </div>
  );
}
