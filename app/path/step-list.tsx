// The way as a list: a line down the side from step to step, and of each what was found, what mends it, and its details.
'use client';
import { ChevronRight } from 'lucide-react';
import { Fragment, type ReactNode } from 'react';
import { CopyButton } from '../ui/copy-button.tsx';
import { PageLink } from '../ui/page-link.tsx';
import { useDuration, useWayText } from './path-texts.ts';
import { LINE_INK, NodeMark, type NodeName, type NodeState, STATE_INK } from './step-look.tsx';

export type ListedStep = {
  name: NodeName;
  state: NodeState;
  tookMs: number | null;
  says: string;
  mends?: string | null;
  record?: string | null;
  link?: { href: string; label: string } | null;
  details?: ReactNode;
};
export type ListedZone = { title: string; steps: readonly ListedStep[] };

export function StepList({ zones }: { zones: readonly ListedZone[] }) {
  const t = useWayText();
  const last = zones.at(-1)?.steps.at(-1);
  /** The line goes on past the name of the next zone. */
  const lineInto = (at: number) => LINE_INK[zones[at - 1]?.steps.at(-1)?.state ?? 'waiting'];
  return (
    <section aria-label={t('steps')} className="card px-4 pt-3 pb-1 sm:px-5">
      {zones.map(({ steps, title }, at) => (
        <Fragment key={title}>
          <h2 className={`text-xs font-medium text-muted ${at === 0 ? 'mb-3' : 'relative ps-15 pb-3'}`}>
            {at > 0 && (
              <span aria-hidden className={`absolute start-[1.3125rem] inset-y-0 border-s-2 ${lineInto(at)}`} />
            )}
            {title}
          </h2>
          <ol>
            {steps.map((step) => (
              <Step key={step.name} step={step} isLast={step === last} />
            ))}
          </ol>
        </Fragment>
      ))}
    </section>
  );
}

function Step({ step, isLast }: { step: ListedStep; isLast: boolean }) {
  const t = useWayText();
  const duration = useDuration();
  const { details, link, mends, name, record, says, state, tookMs } = step;
  return (
    <li id={`step-${name}`} data-step={name} data-state={state} className="relative flex scroll-mt-6 gap-4 pb-5">
      {!isLast && (
        <span aria-hidden className={`absolute start-[1.3125rem] top-11 bottom-0 border-s-2 ${LINE_INK[state]}`} />
      )}
      <NodeMark name={name} state={state} />
      <div className="min-w-0 flex-1">
        <div className="flex flex-wrap items-baseline gap-x-2.5">
          <h3 className="text-[0.9375rem] font-medium">{t(`nodes.${name}`)}</h3>
          {name !== 'browser' && <span className={`text-[0.8125rem] ${STATE_INK[state]}`}>{t(`states.${state}`)}</span>}
          {tookMs !== null && (
            <span className="ms-auto text-[0.8125rem] text-muted tabular-nums">{duration(tookMs)}</span>
          )}
        </div>
        <p className="text-[0.9375rem] wrap-anywhere text-muted">{says}</p>
        {mends && <p className="mt-1 text-[0.9375rem] wrap-anywhere">{mends}</p>}
        {record && (
          <div className="mt-2 flex items-center justify-between gap-3 rounded-lg border border-line bg-sunken py-1 ps-3 pe-1">
            <code className="min-w-0 text-[0.8125rem] break-all">{record}</code>
            <CopyButton text={record} label={t('copyRecord')} />
          </div>
        )}
        {(link || details) && (
          <div className="mt-1.5 text-[0.8125rem]">
            {link && (
              <PageLink className="link me-4 inline-block py-0.5" href={link.href}>
                {link.label}
              </PageLink>
            )}
            {details && <Details name={t(`nodes.${name}`)}>{details}</Details>}
          </div>
        )}
      </div>
    </li>
  );
}

function Details({ name, children }: { name: string; children: ReactNode }) {
  const t = useWayText();
  return (
    <details className="group/details min-w-0">
      <summary className="inline-flex cursor-pointer list-none items-center gap-1 rounded py-0.5 text-muted hover:text-text [&::-webkit-details-marker]:hidden">
        <ChevronRight
          size={14}
          aria-hidden
          className="flex-none transition-transform group-open/details:rotate-90 motion-reduce:transition-none rtl:-scale-x-100"
        />
        {t('details')}
        <span className="sr-only">: {name}</span>
      </summary>
      <div className="mt-1.5">{children}</div>
    </details>
  );
}
