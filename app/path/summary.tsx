// How a look came out, in one line, said aloud when it is over.
'use client';
import type { ReactNode } from 'react';
import { useDuration, useWayText } from './path-texts.ts';
import type { NodeName, NodeState } from './step-look.tsx';
import type { LookPhase } from './use-look.ts';

export function Summary(props: {
  phase: LookPhase;
  tookMs: number | null;
  steps: readonly { name: NodeName; state: NodeState }[];
  children?: ReactNode;
}) {
  const t = useWayText();
  const duration = useDuration();
  const { phase, steps, tookMs } = props;
  const verdict = phase === 'done' ? verdictOf(steps, t) : phase === 'running' ? t('looking') : t(`sum.${phase}`);
  return (
    <div className="mb-5 flex flex-wrap items-center justify-between gap-x-6 gap-y-3">
      <p role="status" className="text-[1.0625rem] font-medium tracking-tight">
        {verdict}
        {phase === 'done' && tookMs !== null && (
          <span className="ms-2 text-sm font-normal tracking-normal text-muted">
            {t('sum.took', { time: duration(tookMs) })}
          </span>
        )}
      </p>
      {props.children}
    </div>
  );
}

function verdictOf(steps: readonly { name: NodeName; state: NodeState }[], t: ReturnType<typeof useWayText>): string {
  const first = steps.find(({ state }) => state === 'bad');
  if (first) return t('sum.bad', { step: t(`nodes.${first.name}`) });
  const count = steps.filter(({ state }) => state === 'warning').length;
  return count > 0 ? t('sum.warning', { count }) : t('sum.good');
}
