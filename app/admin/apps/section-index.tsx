// The sections of a long form beside it, on a wide screen: where one is, and where else one can go.
'use client';
import { type ReactNode, useEffect, useState } from 'react';

export type IndexedSection = { id: string; title: string };

export function SectionIndex({ label, sections }: { label: string; sections: readonly IndexedSection[] }) {
  const current = useCurrent(sections);
  return (
    <nav aria-label={label} className="hidden xl:block">
      <ul className="sticky top-6 space-y-0.5 text-sm">
        {sections.map(({ id, title }) => (
          <li key={id}>
            <a
              href={`#${id}`}
              aria-current={current === id ? 'location' : undefined}
              className="block rounded-md px-2.5 py-1.5 text-muted hover:bg-sunken hover:text-text aria-[current]:font-medium aria-[current]:text-text"
            >
              {title}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

/** The last section that has begun above the middle of the window. */
function useCurrent(sections: readonly IndexedSection[]): string | undefined {
  const [current, setCurrent] = useState(sections[0]?.id);
  useEffect(() => {
    const look = () => {
      const begun = sections.filter(({ id }) => {
        const top = document.getElementById(id)?.getBoundingClientRect().top;
        return top !== undefined && top < window.innerHeight / 3;
      });
      setCurrent((begun.at(-1) ?? sections[0])?.id);
    };
    look();
    window.addEventListener('scroll', look, { passive: true });
    return () => window.removeEventListener('scroll', look);
  }, [sections]);
  return current;
}

export function StackedSection(props: IndexedSection & { about?: string; children: ReactNode }) {
  return (
    <section
      id={props.id}
      aria-labelledby={`${props.id}-title`}
      className="scroll-mt-6 border-t border-line py-7 first:border-t-0 first:pt-0"
    >
      <h2 id={`${props.id}-title`} className="font-medium">
        {props.title}
      </h2>
      {props.about && <p className="mt-0.5 text-sm text-muted">{props.about}</p>}
      <div className="mt-4 grid max-w-2xl gap-5">{props.children}</div>
    </section>
  );
}
