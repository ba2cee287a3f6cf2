// The certificate that the gateway shows an upstream: whose it is and until when, or a new pair. The key is never shown again.
'use client';
import { Plus } from 'lucide-react';
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
  const [choice, setChoice] = useState<'none' | 'kept' | 'new'>(certificate ? 'kept' : 'none');
  return (
    <fieldset className="grid min-w-0 gap-3">
      <legend className="mb-2.5 text-sm font-medium">Client certificate</legend>
      <input type="hidden" name={path} value={choice} />
      <input type="hidden" name={`${path}.id`} value={certificate?.id ?? ''} />
      {choice === 'kept' && certificate && <Kept certificate={certificate} />}
      {choice === 'none' && (
        <p className="text-[0.8125rem] text-muted">
          {certificate
            ? 'It is removed, with its key, when you save.'
            : 'Only for an upstream that lets nobody in without one.'}
        </p>
      )}
      {choice === 'new' && <Pair path={path} errors={errors} />}
      <FieldError id={`field-${path}`} error={errors[path]} />
      <div className="flex flex-wrap gap-2">
        {choice !== 'new' && (
          <button type="button" className="button" data-kind="quiet" onClick={() => setChoice('new')}>
            {certificate ? null : <Plus size={16} aria-hidden />}
            {certificate ? 'Replace' : 'Add certificate'}
          </button>
        )}
        {choice === 'kept' && (
          <button type="button" className="button" data-kind="quiet" onClick={() => setChoice('none')}>
            Remove
          </button>
        )}
        {choice !== (certificate ? 'kept' : 'none') && (
          <button
            type="button"
            className="button"
            data-kind="quiet"
            onClick={() => setChoice(certificate ? 'kept' : 'none')}
          >
            {certificate ? 'Keep the present one' : 'Without a certificate'}
          </button>
        )}
      </div>
    </fieldset>
  );
}

function Kept({ certificate }: { certificate: ShownCertificate }) {
  return (
    <p className="rounded-lg bg-sunken px-3 py-2.5 text-sm">
      <span className="font-medium break-all">{certificate.subject}</span>{' '}
      {certificate.isExpired && <Tag kind="danger">expired</Tag>}
      <span className="block text-[0.8125rem] text-muted">
        {certificate.isExpired ? 'Was valid until ' : 'Valid until '}
        <Time at={certificate.expiresAt} />
      </span>
    </p>
  );
}

function Pair({ path, errors }: { path: string; errors: Record<string, string> }) {
  return (
    <>
      <AreaField
        label="Certificate (PEM), then its intermediates"
        name={`${path}.cert`}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[0.8125rem]"
        placeholder="-----BEGIN CERTIFICATE-----"
        error={errors[`${path}.cert`]}
      />
      <AreaField
        label="Private key (PEM)"
        name={`${path}.key`}
        rows={5}
        spellCheck={false}
        autoComplete="off"
        className="font-mono text-[0.8125rem]"
        placeholder="-----BEGIN PRIVATE KEY-----"
        hint="It is kept sealed, and no page shows it again."
        error={errors[`${path}.key`]}
      />
    </>
  );
}
