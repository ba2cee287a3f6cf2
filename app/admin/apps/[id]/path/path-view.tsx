// The path of an app for those who may read it: looked at when it opens, again by a button, step by step as it is found.
'use client';
import { useState } from 'react';
import { PATH_STEPS, type PathStep, type PathStepName, PRIVATE_STEPS } from '#server/core/path.ts';
import { Facts, hasFacts } from '../../../../path/facts.tsx';
import { usePathSentences, usePathText, useWayText } from '../../../../path/path-texts.ts';
import { recordOf } from '../../../../path/sentence-values.ts';
import type { ListedStep } from '../../../../path/step-list.tsx';
import type { NodeState } from '../../../../path/step-look.tsx';
import { useLook } from '../../../../path/use-look.ts';
import { Way } from '../../../../path/way.tsx';
import { PathChoices } from './path-choices.tsx';

export type PathViewProps = {
  appId: string;
  hosts: readonly string[];
  /** Prefixes of the app's routes, in their order. */
  prefixes: readonly string[];
  site: { id: string; name: string } | null;
  /** Areas that this person may enter, for the links beside what has to be mended. */
  may: { sites: boolean; providers: boolean; people: boolean };
};

const STEP_AREAS: Partial<Record<PathStepName, 'app' | 'site' | 'providers'>> = {
  'sign-in': 'providers',
  policy: 'app',
  'private-dns': 'site',
  connect: 'site',
  tls: 'app',
  answer: 'app',
};

export function PathView({ appId, hosts, may, prefixes, site }: PathViewProps) {
  const t = usePathText();
  const way = useWayText();
  const { mends, says } = usePathSentences();
  const [chosen, setChosen] = useState<{ host: string; route: number; person: string }>({
    host: hosts[0] ?? '',
    route: -1,
    person: '',
  });
  const body = new URLSearchParams({ ...chosen, route: String(chosen.route) }).toString();
  const { again, phase, steps, tookMs } = useLook<PathStep>(`/admin/apps/${appId}/path/look`, body);
  const found = new Map(steps.map((step) => [step.step, step]));

  const listed = (name: PathStepName): ListedStep => {
    const step = found.get(name);
    if (!step) return { name, state: 'waiting', tookMs: null, says: way('looking') };
    const needsMending = step.state === 'warning' || step.state === 'bad';
    return {
      name,
      state: stateOf(step),
      tookMs: step.state === 'skipped' || name === 'policy' ? null : step.tookMs,
      says: says(step),
      mends: needsMending ? mends(step) : null,
      record: recordOf(step),
      link: needsMending ? linkOf(step) : null,
      details: hasFacts(step) && <Facts step={step} />,
    };
  };

  function linkOf({ code, step }: PathStep): ListedStep['link'] {
    const area = code === 'private-name-missing' || code === 'connect-refused' ? 'app' : STEP_AREAS[step];
    if (area === 'app') return { href: `/admin/apps/${appId}`, label: t('openApp') };
    if (area === 'site' && site && may.sites) return { href: `/admin/sites/${site.id}`, label: t('openSite') };
    if (area === 'providers' && may.providers) return { href: '/admin/providers', label: t('openProviders') };
    return null;
  }

  const browser: ListedStep = {
    name: 'browser',
    state: 'good',
    tookMs: null,
    says: way('browserSays', { host: chosen.host }),
  };
  const foyer = PATH_STEPS.filter((name) => name !== 'public-dns' && !PRIVATE_STEPS.has(name));
  const zones = [
    { title: way('zones.internet'), steps: [browser, listed('public-dns')] },
    { title: way('zones.foyer'), steps: foyer.map(listed) },
    {
      title: site ? way('zones.site', { site: site.name }) : way('zones.private'),
      steps: PATH_STEPS.filter((name) => PRIVATE_STEPS.has(name)).map(listed),
    },
  ];
  return (
    <>
      <PathChoices
        hosts={hosts}
        prefixes={prefixes}
        appId={appId}
        mayChoosePerson={may.people}
        chosen={chosen}
        onChoose={setChosen}
      />
      <Way phase={phase} tookMs={tookMs} zones={zones} onAgain={again} />
    </>
  );
}

function stateOf({ code, state }: PathStep): NodeState {
  return code === 'earlier-step' ? 'cut' : state;
}
