// The frame of the guided publishing: which step, what is known, back and forth; it survives going back and a reload.
'use client';
import { Check } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { type ReactNode, useEffect, useRef, useState } from 'react';
import type { Identity } from '#server/core/identity.ts';
import type { Portal } from '#server/core/snapshot.ts';
import { DoneStep } from './done-step.tsx';
import { type Draft, EMPTY, keep, readKept, STEPS, type Step } from './draft.ts';
import { focusFirstError } from './focus-error.ts';
import { NameStep } from './name-step.tsx';
import { PeopleStep } from './people-step.tsx';
import { SettingsStep } from './settings-step.tsx';
import { SummaryStep } from './summary-step.tsx';
import { UpstreamStep } from './upstream-step.tsx';

export type Place = {
  sites: readonly { id: string; name: string }[];
  categories: readonly string[];
  gatewayName: string | null;
  /** Each app gets a name of its own to be a CNAME of, once it is there. */
  hasAliases: boolean;
  portal: Pick<Portal, 'scheme' | 'port'>;
  /** Who publishes: they may not be among those who may open it. */
  viewer: Pick<Identity, 'userId' | 'groupIds' | 'name' | 'email'>;
};

export type StepProps = {
  place: Place;
  draft: Draft;
  change(parts: Partial<Draft>): void;
  /** Sentences by the field paths of the store's schema. */
  errors: Record<string, string>;
  setErrors(errors: Record<string, string>): void;
  go(step: Step): void;
};

export function Wizard(place: Place) {
  const t = useTranslations('apps.publish');
  const [draft, setDraft] = useState<Draft>({ ...EMPTY, siteId: place.sites[0]?.id ?? '' });
  const [step, setStep] = useState<Step>('name');
  const [errors, setErrors] = useState<Record<string, string>>({});
  const [published, setPublished] = useState<string | null>(null);
  const [isReady, setReady] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  const moved = useRef(false);

  // The server does not know what the tab keeps.
  useEffect(() => {
    const kept = readKept();
    if (kept) {
      setDraft(kept.draft);
      setStep(kept.step);
    }
    setReady(true);
  }, []);
  useEffect(() => {
    if (isReady) keep(published === null ? { draft, step } : null);
  }, [draft, step, isReady, published]);
  // Whoever moved on reads on from the step's own heading; a page that was just opened leaves the focus alone.
  // biome-ignore lint/correctness/useExhaustiveDependencies: a step's heading is there once the step is.
  useEffect(() => {
    if (moved.current) heading.current?.focus();
  }, [step, published]);

  // Behind the one above: with a mistake the focus belongs to its field.
  useEffect(() => {
    if (Object.keys(errors).length > 0) focusFirstError();
  }, [errors]);

  const at = STEPS.indexOf(step);
  const props: StepProps = {
    place,
    draft,
    change: (parts) => setDraft((now) => ({ ...now, ...parts })),
    errors,
    setErrors,
    go(to) {
      moved.current = true;
      setStep(to);
    },
  };
  if (published !== null) return <DoneStep appId={published} draft={draft} place={place} heading={heading} />;
  return (
    <div className="grid gap-8 lg:grid-cols-[11rem_minmax(0,1fr)] lg:gap-10">
      <nav aria-label={t('steps')}>
        <ol className="flex flex-wrap gap-x-4 gap-y-1 text-sm lg:block lg:space-y-1">
          {STEPS.map((each, index) => (
            <li key={each}>
              <StepMark isCurrent={each === step} isDone={index < at} number={index + 1} onGo={() => props.go(each)}>
                {t(`step.${each}`)}
              </StepMark>
            </li>
          ))}
        </ol>
      </nav>
      <section aria-labelledby="publish-step" className="max-w-2xl min-w-0" aria-busy={!isReady}>
        <h2 id="publish-step" ref={heading} tabIndex={-1} className="text-lg font-semibold tracking-tight outline-none">
          {t(`heading.${step}`)}
        </h2>
        <p className="mt-1 mb-5 text-[0.9375rem] text-muted">{t(`lead.${step}`)}</p>
        {step === 'name' && <NameStep {...props} />}
        {step === 'upstream' && <UpstreamStep {...props} />}
        {step === 'settings' && <SettingsStep {...props} />}
        {step === 'people' && <PeopleStep {...props} />}
        {step === 'summary' && (
          <SummaryStep
            {...props}
            onPublished={(id) => {
              moved.current = true;
              setPublished(id);
            }}
          />
        )}
      </section>
    </div>
  );
}

function StepMark(props: { isCurrent: boolean; isDone: boolean; number: number; onGo(): void; children: ReactNode }) {
  const mark = (
    <span className="flex items-center gap-2 py-1">
      <span
        aria-hidden
        className={`inline-flex size-5 flex-none items-center justify-center rounded-full text-xs ${props.isCurrent ? 'bg-accent text-on-accent' : 'bg-sunken'}`}
      >
        {props.isDone ? <Check size={12} /> : props.number}
      </span>
      {props.children}
    </span>
  );
  if (!props.isDone)
    return (
      <span
        aria-current={props.isCurrent ? 'step' : undefined}
        className={props.isCurrent ? 'font-medium' : 'text-muted'}
      >
        {mark}
      </span>
    );
  return (
    <button type="button" className="text-start text-muted hover:text-text" onClick={props.onGo}>
      {mark}
    </button>
  );
}

/** Back and on, at the end of every step. */
export function StepBar(props: { onBack?: () => void; next: string; isBusy?: boolean; children?: ReactNode }) {
  const common = useTranslations('common');
  return (
    <div className="mt-8 flex flex-wrap items-center gap-2 border-t border-line pt-4">
      <button type="submit" className="button" data-kind="primary" disabled={props.isBusy}>
        {props.next}
      </button>
      {props.onBack && (
        <button type="button" className="button" data-kind="quiet" onClick={props.onBack}>
          {common('back')}
        </button>
      )}
      {props.children}
    </div>
  );
}
