// Makes a one-time link with which a person chooses their password. It is shown once.
'use client';
import { useTranslations } from 'next-intl';
import { useState, useTransition } from 'react';
import { CopyButton } from '../../ui/copy-button.tsx';
import { passwordLinkAction } from './actions.ts';

export function PasswordLink({ userId }: { userId: string }) {
  const t = useTranslations('people.passwordLink');
  const [link, setLink] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [isBusy, start] = useTransition();

  function make() {
    start(async () => {
      const made = await passwordLinkAction(userId).catch(() => null);
      setLink(made?.kind === 'saved' ? made.url : null);
      setProblem(made?.kind === 'saved' ? null : made && 'sentence' in made ? made.sentence : t('failed'));
    });
  }

  return (
    <div>
      <button type="button" className="button" disabled={isBusy} onClick={make}>
        {t('make')}
      </button>
      <div aria-live="polite">
        {link && (
          <div data-shown-once className="mt-3 rounded-lg bg-sunken px-3 py-2 text-sm">
            <div className="flex items-center justify-between gap-2">
              <code className="min-w-0 text-[0.8125rem] break-all">{link}</code>
              <CopyButton text={link} label={t('copy')} />
            </div>
            <p className="mt-1 text-muted">{t('about')}</p>
          </div>
        )}
        {problem && <p className="mt-2 text-sm text-danger">{problem}</p>}
      </div>
    </div>
  );
}
