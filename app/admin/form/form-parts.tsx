// The parts that every admin form is made of: sections, the bar with the button, and what went wrong as a whole.
'use client';
import { useTranslations } from 'next-intl';
import { type ReactNode, useRef } from 'react';
import { UnsavedQuestion } from '../../unsaved/unsaved-question.tsx';
import type { Save } from './use-save.ts';

export function Section(props: { title: string; about?: ReactNode; children: ReactNode }) {
  return (
    <section className="grid gap-x-10 gap-y-4 border-t border-line py-7 first:border-t-0 first:pt-0 lg:grid-cols-[15rem_minmax(0,1fr)]">
      <div>
        <h2 className="font-medium">{props.title}</h2>
        {props.about && <p className="mt-1 text-sm text-muted">{props.about}</p>}
      </div>
      <div className="grid max-w-2xl gap-5">{props.children}</div>
    </section>
  );
}

export function FormProblem({ save, known }: { save: Save; known: readonly string[] }) {
  const t = useTranslations('common');
  const isKnown = (path: string) => known.some((name) => path === name || path.startsWith(`${name}.`));
  // A sentence whose field is not on the page must still be read.
  const sentences = Object.entries(save.errors)
    .filter(([path]) => !isKnown(path))
    .map(([path, sentence]) => (path ? `${path}: ${sentence}` : sentence));
  if (Object.keys(save.errors).length === 0) return null;
  return (
    <div
      role="alert"
      tabIndex={-1}
      className="mb-6 rounded-lg bg-danger-soft px-3.5 py-3 text-sm text-danger outline-none"
    >
      {sentences.length > 0 ? sentences.map((sentence) => <p key={sentence}>{sentence}</p>) : t('notSaved')}
    </div>
  );
}

/** `chosen`: what the form sends besides its fields; whoever leaves without saving it is asked first. */
export function SaveBar(props: {
  save: Save;
  label: string;
  cancelHref?: string;
  chosen?: unknown;
  children?: ReactNode;
}) {
  const t = useTranslations('common');
  const bar = useRef<HTMLDivElement>(null);
  return (
    <div
      ref={bar}
      className="sticky bottom-0 -mx-4 flex flex-wrap items-center gap-3 border-t border-line bg-canvas px-4 py-3 sm:mx-0 sm:px-0"
    >
      <UnsavedQuestion within={bar} save={props.save} chosen={props.chosen} />
      <button type="submit" className="button" data-kind="primary" disabled={props.save.isSaving}>
        {props.save.isSaving ? t('saving') : props.label}
      </button>
      {props.cancelHref && (
        <a className="button" data-kind="quiet" href={props.cancelHref}>
          {t('cancel')}
        </a>
      )}
      <span role="status" className="text-sm text-ok">
        {props.save.isSaved && !props.save.isSaving ? t('savedLive') : ''}
      </span>
      <div className="ms-auto">{props.children}</div>
    </div>
  );
}
