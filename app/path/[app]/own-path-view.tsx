// The path of an app for who opens it: the way to the gateway step by step, and what is behind it as one node.
'use client';
import { useFormatter } from 'next-intl';
import { PATH_STEPS, PRIVATE_STEPS } from '#server/core/path.ts';
import type { PublicStep } from '#server/core/path-public.ts';
import { useWayText } from '../path-texts.ts';
import type { PrivateEvidence } from '../private-evidence.ts';
import type { ListedStep } from '../step-list.tsx';
import { useLook } from '../use-look.ts';
import { Way } from '../way.tsx';

type Told = PublicStep & Partial<PrivateEvidence>;

export function OwnPathView({ appId, host }: { appId: string; host: string }) {
  const t = useWayText();
  const format = useFormatter();
  const { again, phase, steps, tookMs } = useLook<Told>(`/path/${appId}/look`, '');
  const found = new Map<string, Told>(steps.map((step) => [step.step, step]));
  const when = (at: number) => format.dateTime(at, { dateStyle: 'medium', timeStyle: 'short' });

  const listed = (name: PublicStep['step']): ListedStep => {
    const step = found.get(name);
    if (!step) return { name, state: 'waiting', tookMs: null, says: t('looking') };
    const { state } = step;
    const mends = state === 'bad' ? t('mendUser') : null;
    if (step.step === 'private') return { name, state, tookMs: null, says: privateSays(step), mends };
    return {
      name,
      state,
      tookMs: state === 'skipped' || name === 'policy' ? null : step.tookMs,
      says: step.code === 'maintenance' ? t('saysUserMaintenance') : t(`saysUser.${name}`),
      mends,
    };
  };

  function privateSays({ code, failingSince, lastAnswerAt }: Told): string {
    const says = t(`reached.${code}`);
    if (code === 'not-reached') return failingSince ? `${t('since', { time: when(failingSince) })}.` : says;
    return lastAnswerAt ? `${says} ${t('lastAnswer', { time: when(lastAnswerAt) })}.` : says;
  }

  const browser: ListedStep = { name: 'browser', state: 'good', tookMs: null, says: t('browserSaysYou', { host }) };
  const foyer = PATH_STEPS.filter((name) => name !== 'public-dns' && !PRIVATE_STEPS.has(name)) as PublicStep['step'][];
  const zones = [
    { title: t('zones.internet'), steps: [browser, listed('public-dns')] },
    { title: t('zones.foyer'), steps: foyer.map(listed) },
    { title: t('zones.private'), steps: [listed('private')] },
  ];
  return <Way phase={phase} tookMs={tookMs} zones={zones} onAgain={again} />;
}
