// The certificate that the gateway shows an upstream: whose it is and until when, or a new pair. The key is never shown again.
'use client';
import { Plus } from 'lucide-react';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { AreaField, FieldError } from '../../ui/field.tsx';
import { Tag } from '../../ui/tag.tsx';
import { Time } from '../../ui/time.tsx';
import type { ShownCertificate } from './shown-app.ts';

type Props = {
  path: string;
  certificate: ShownCertificate | null;
  errors: Record<string, string>;
};

export function ClientCertificateFields({ path, certificate, errors }: Props) {
  const t = useTranslations('apps.form');
  const [choice, setChoice] = useState<'none' | 'kept' | 'new'>(certificate ? 'kept' : 'none');
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-2.5 text-sm font-medium">{t('certificate.label')}</legend>
      <input type="hidden" name={path} value={choice} />
      <input type="hidden" name={`${path}.id`} value={certificate?.id ?? ''} />
      {choice === 'kept' && certificate && <Kept certificate={certificate} />}
      {choice === 'none' && (
        <p className="text-[0.8125rem] text-muted">{certificate ? t('certificate.removed') : t('certificate.none')}</p>
      )}
      {choice === 'new' && <Pair path={path} errors={errors} />}
      <FieldError id={`field-${path}`} error={errors[path]} />
      <div className="flex flex-wrap gap-2">
        {choice !== 'new' && (
          <button type="button" className="button" data-kind="quiet" onClick={() => setChoice('new')}>
            {certificate ? null : <Plus size={16} aria-hidden />}
            {certificate ? t('certificate.replace') : t('certificate.add')}
          </button>
        )}
        {choice === 'kept' && (
          <button type="button" className="button" data-kind="quiet" onClick={() => setChoice('none')}>
            {t('certificate.remove')}
          </button>
        )}
        {choice !== (certificate ? 'kept' : 'none') && (
          <button
            type="button"
            className="button"
            data-kind="quiet"
            onClick={() => setChoice(certificate ? 'kept' : 'none')}
          >
            {certificate ? t('certificate.keep') : t('certificate.without')}
          </button>
        )}
      </div>
    </fieldset>
  );
}

function Kept({ certificate }: { certificate: ShownCertificate }) {
  const t = useTranslations('apps.form');
  return (
    <p className="rounded-lg bg-sunken px-3 py-2.5 text-sm">
      <span className="font-medium break-all">{certificate.subject}</span>{' '}
      {certificate.isExpired && <Tag kind="danger">{t('certificate.expired')}</Tag>}
      <span className="block text-[0.8125rem] text-muted">
        {certificate.isExpired ? t('certificate.wasValid') : t('certificate.valid')} <Time at={certificate.expiresAt} />
      </span>
    </p>
  );
}

function Pair({ path, errors }: { path: string; errors: Record<string, string> }) {
  const t = useTranslations('apps.form');
  return (
    <>
      <AreaField
        label={t('certificate.cert')}
        name={`${path}.cert`}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[0.8125rem]"
        placeholder="-----BEGIN CERTIFICATE-----"
        error={errors[`${path}.cert`]}
      />
      <AreaField
        label={t('certificate.key')}
        name={`${path}.key`}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[0.8125rem]"
        placeholder="-----BEGIN PRIVATE KEY-----"
        hint={t('certificate.keyHint')}
        error={errors[`${path}.key`]}
      />
    </>
  );
}
