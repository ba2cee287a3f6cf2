// How a machine is added: the commands to copy, and a token, shown once, for where nobody can open a page.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { FormProblem } from '../admin/form/form-parts.tsx';
import { useSave } from '../admin/form/use-save.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { Time } from '../ui/time.tsx';
import { createLoginTokenAction } from './actions.ts';

export function AddMachine({ portalOrigin }: { portalOrigin: string }) {
  const t = useTranslations('machines');
  const save = useSave();
  const router = useRouter();
  const [made, setMade] = useState<{ token: string; expiresAt: number } | null>(null);
  const steps = [
    [t('stepLogin'), `foyer login ${portalOrigin}`],
    [t('stepUp'), 'foyer up'],
    [t('stepQuery'), 'foyer dns query NAME'],
  ] as const;

  function makeToken() {
    save.send(createLoginTokenAction(), ({ token, expiresAt }) => {
      setMade({ token, expiresAt });
      router.refresh();
      return null;
    });
  }

  return (
    <section aria-labelledby="add-machine" className="mt-10 max-w-2xl">
      <h2 id="add-machine" className="font-medium">
        {t('add')}
      </h2>
      <p className="mt-1 text-sm text-muted">{t('addAbout')}</p>
      <ol className="mt-5 grid gap-4">
        {steps.map(([about, command]) => (
          <li key={command}>
            <p className="text-sm">{about}</p>
            <Line text={command} label={t('copyCommand', { command })} />
          </li>
        ))}
      </ol>
      <h3 className="mt-8 text-[0.9375rem] font-medium">{t('orToken')}</h3>
      <FormProblem save={save} known={[]} />
      {made ? (
        <div data-shown-once className="mt-2" role="status">
          <p className="text-sm font-medium">{t('copyNow')}</p>
          <Line text={made.token} label={t('copyToken')} />
          <p className="mt-1.5 text-[0.8125rem] text-muted">
            {t.rich('copyNowAbout', { time: () => <Time at={made.expiresAt} /> })}
          </p>
        </div>
      ) : (
        <div className="mt-2">
          <button type="button" className="button" disabled={save.isSaving} onClick={makeToken}>
            {t('makeToken')}
          </button>
          <p className="mt-1.5 text-[0.8125rem] text-muted">{t('tokenAbout')}</p>
        </div>
      )}
    </section>
  );
}

function Line({ text, label }: { text: string; label: string }) {
  return (
    <div className="mt-1.5 flex items-center justify-between gap-2 rounded-lg bg-sunken py-1 ps-3 pe-1">
      <code className="min-w-0 text-[0.8125rem] break-all">{text}</code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
