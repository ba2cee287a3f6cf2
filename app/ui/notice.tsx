// A page that says one thing: what happened and what to do. The same look as the hand-written pages of /open.
import type { ReactNode } from 'react';
import { BrandSign } from '../brand/brand-context.tsx';
import { SupportId } from './support-id.tsx';

export function Notice(props: { title: string; children: ReactNode; actions?: ReactNode; supportId?: string | null }) {
  return (
    <main className="notice">
      {/* A plain link: the launcher may need another document than the one that failed. */}
      <a className="notice-brand" href="/">
        <BrandSign />
      </a>
      <h1>{props.title}</h1>
      {props.children}
      {props.actions && <div className="notice-actions">{props.actions}</div>}
      <SupportId id={props.supportId ?? null} />
    </main>
  );
}
