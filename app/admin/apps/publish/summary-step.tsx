// Fifth: all of it once more, then it is published.
'use client';
import { useTranslations } from 'next-intl';
import { type FormEvent, type ReactNode, useState } from 'react';
import { useProblem } from '../../form/use-problem.ts';
import { saveAppAction } from '../actions.ts';
import { appInput, proposed, type Step, stepOfError, upstreamText } from './draft.ts';
import { StepBar, type StepProps } from './wizard.tsx';

export function SummaryStep(props: StepProps & { onPublished(id: string): void }) {
  const { place, draft, errors, setErrors, go, onPublished } = props;
  const t = useTranslations('apps.publish');
  const problemOf = useProblem();
  const [isBusy, setBusy] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const on = proposed(draft).filter(({ key }) => !draft.off.includes(key));
  const site = place.sites.find((each) => each.id === draft.siteId)?.name ?? '–';

  async function onSubmit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    const assignments = draft.chosen.map(({ assignment }) => assignment);
    const result = await saveAppAction(id, appInput(draft), assignments).catch(() => null);
    setBusy(false);
    // The app may exist although its assignments were refused: another try must not make it twice.
    if (result?.appId) setId(result.appId);
    if (result?.kind === 'saved') return onPublished(result.appId ?? result.id);
    const found = result?.kind === 'invalid' ? result.errors : { '': problemOf(result) };
    setErrors(found);
    const [first = ''] = Object.keys(found);
    if (first !== '') go(stepOfError(first));
  }

  const line = (label: string, value: ReactNode, step: Step) => (
    <div className="flex flex-wrap gap-x-4 gap-y-0.5 py-2.5 sm:flex-nowrap">
      <dt className="w-36 flex-none text-muted">{label}</dt>
      <dd className="min-w-0 grow break-words">{value}</dd>
      <dd>
        <button type="button" className="link" aria-label={t('changeNamed', { what: label })} onClick={() => go(step)}>
          {t('change')}
        </button>
      </dd>
    </div>
  );

  return (
    <form noValidate onSubmit={(event) => void onSubmit(event)}>
      {errors[''] && (
        <p role="alert" tabIndex={-1} className="mb-5 rounded-lg bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {errors['']}
        </p>
      )}
      <dl className="card divide-y divide-line px-4 text-sm">
        {line(t('name'), draft.name, 'name')}
        {line(t('host'), draft.host, 'name')}
        {line(t('summary.upstream'), upstreamText(draft), 'upstream')}
        {line(t('site'), site, 'upstream')}
        {draft.scheme === 'https' && line(t('summary.trust'), t(`tls.trust.${draft.trust}`), 'upstream')}
        {line(
          t('summary.settings'),
          on.length === 0 ? (
            t('summary.plain')
          ) : (
            <ul>
              {on.map((each) => (
                <li key={each.key}>{t(`proposal.${each.key}.what`, { about: each.about })}</li>
              ))}
            </ul>
          ),
          'settings',
        )}
        {line(t('summary.who'), draft.chosen.map(({ name }) => name).join(', ') || t('summary.nobody'), 'people')}
      </dl>
      <StepBar next={isBusy ? t('publishing') : t('publish')} isBusy={isBusy} onBack={() => go('people')} />
    </form>
  );
}
