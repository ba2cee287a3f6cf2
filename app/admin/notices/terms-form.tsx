// The terms of use as an administrator writes them. Publishing asks first: it stops everybody once.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { TermsRecord } from '#server/store/terms.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { AreaField } from '../../ui/field.tsx';
import { Time } from '../../ui/time.tsx';
import { publishTermsAction } from './actions.ts';

export function TermsForm({ terms, isReadOnly }: { terms: TermsRecord | null; isReadOnly: boolean }) {
  const t = useTranslations('notices.termsForm');
  const [text, setText] = useState(terms?.text ?? '');
  const [isPublished, setPublished] = useState(false);
  const when = () => (terms ? <Time at={terms.publishedAt} /> : null);

  async function publish() {
    const result = await publishTermsAction(text, terms?.version ?? 0);
    setPublished(result.kind === 'saved');
    return result;
  }

  return (
    <section className="mt-12 max-w-2xl">
      <h2 className="font-medium">{t('title')}</h2>
      <p className="mt-1 text-sm text-muted">{t('about')}</p>
      <p className="mt-1 mb-4 text-sm text-muted">
        {terms === null
          ? t('none')
          : terms.text === ''
            ? t.rich('withdrawn', { when })
            : t.rich('current', { version: terms.version, accepted: terms.accepted, people: terms.people, when })}
      </p>
      <fieldset disabled={isReadOnly} className="min-w-0">
        <AreaField
          label={t('text')}
          name="terms"
          rows={8}
          maxLength={20_000}
          hint={t('hint')}
          value={text}
          onChange={(event) => {
            setText(event.target.value);
            setPublished(false);
          }}
        />
      </fieldset>
      {!isReadOnly && (
        <div className="mt-4 flex items-center gap-3">
          <ConfirmButton
            label={t('publish')}
            kind="plain"
            title={t('publishTitle')}
            confirmLabel={t('publishConfirm')}
            action={publish}
          >
            {t('publishText')}
          </ConfirmButton>
          <span role="status" className="text-sm text-ok">
            {isPublished && t('published')}
          </span>
        </div>
      )}
    </section>
  );
}
