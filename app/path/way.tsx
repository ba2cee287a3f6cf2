// A look at an app's way as it is shown to everybody: how it stands, the picture, and the steps in words.
'use client';
import { RotateCw } from 'lucide-react';
import { useWayText } from './path-texts.ts';
import { Picture } from './picture.tsx';
import { type ListedStep, StepList } from './step-list.tsx';
import { Summary } from './summary.tsx';
import type { LookPhase } from './use-look.ts';

type Props = {
  phase: LookPhase;
  /** Milliseconds, of a look that is over. */
  tookMs: number | null;
  zones: readonly { title: string; steps: readonly ListedStep[] }[];
  onAgain(): void;
};

export function Way({ phase, tookMs, zones, onAgain }: Props) {
  const t = useWayText();
  return (
    <>
      <Summary phase={phase} tookMs={tookMs} steps={zones.flatMap((zone) => zone.steps)}>
        <button type="button" className="button" onClick={onAgain} disabled={phase === 'running'}>
          <RotateCw
            size={15}
            aria-hidden
            className={phase === 'running' ? 'animate-spin motion-reduce:animate-none' : ''}
          />
          {t('again')}
        </button>
      </Summary>
      <Picture zones={zones.map(({ steps: nodes, title }) => ({ title, nodes }))} />
      <StepList zones={zones} />
    </>
  );
}
