// What most people never need: a line that says how it stands, and opens.
'use client';
import { ChevronRight } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type ReactNode, useState } from 'react';

/** A frame around lines that open one by one. */
export function DisclosureList({ children }: { children: ReactNode }) {
  return <div className="card divide-y divide-line overflow-hidden">{children}</div>;
}

type Props = {
  title: string;
  /** How it stands, in a few words. */
  note: string;
  /** Field paths inside: with an error at one of them it opens by itself, since nobody mends what they cannot see. */
  paths: readonly string[];
  errors: Record<string, string>;
  children: ReactNode;
};

export function Disclosure({ title, note, paths, errors, children }: Props) {
  const t = useTranslations('common');
  const [isOpen, setOpen] = useState(false);
  const [seen, setSeen] = useState('');
  const wrong = Object.keys(errors).filter((at) => paths.some((path) => at === path || at.startsWith(`${path}.`)));
  const found = wrong.map((at) => `${at}: ${errors[at]}`).join('\n');
  if (found !== seen) {
    setSeen(found);
    if (found !== '') setOpen(true);
  }
  return (
    <details open={isOpen} onToggle={(event) => setOpen(event.currentTarget.open)} className="min-w-0">
      <summary className="flex cursor-pointer list-none items-baseline gap-2 px-3.5 py-2.5 text-[0.9375rem] -outline-offset-2 hover:bg-sunken [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={16}
          aria-hidden
          className={`shrink-0 self-center text-muted transition-transform motion-reduce:transition-none ${isOpen ? 'rotate-90' : ''}`}
        />
        <span className="font-medium">{title}</span>
        <span className={`ms-auto min-w-0 truncate ps-2 text-[0.8125rem] ${found ? 'text-danger' : 'text-muted'}`}>
          {found ? t('lookHere') : note}
        </span>
      </summary>
      <div className="grid min-w-0 gap-5 px-3.5 pt-2 pb-5">{children}</div>
    </details>
  );
}
