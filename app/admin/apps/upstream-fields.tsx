// Where bytes go: scheme, host, port, the Host that is seen there, and how the certificate is trusted.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import { AreaField, Field, SelectField } from '../../ui/field.tsx';
import { ConnectionFields } from './connection-fields.tsx';
import type { ShownUpstream } from './shown-app.ts';

type Props = {
  /** What the names of its fields begin with. */
  path: string;
  upstream: ShownUpstream | undefined;
  errors: Record<string, string>;
};

export function UpstreamFields({ path, upstream, errors }: Props) {
  const t = useTranslations('apps.form');
  const [scheme, setScheme] = useState<string>(upstream?.scheme ?? 'http');
  const [header, setHeader] = useState<string>(upstream?.hostHeader.kind ?? 'public');
  const [trust, setTrust] = useState<string>(upstream?.tls.kind ?? 'system');
  const tls = upstream?.tls;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[7rem_minmax(0,1fr)_6.5rem]">
        <SelectField
          label={t('scheme')}
          name={`${path}.scheme`}
          value={scheme}
          onChange={(event) => setScheme(event.target.value)}
          error={errors[`${path}.scheme`]}
        >
          <option value="http">http</option>
          <option value="https">https</option>
        </SelectField>
        <Field
          label={t('upstreamHost')}
          name={`${path}.host`}
          defaultValue={upstream?.host}
          placeholder="wiki.corp.internal"
          spellCheck={false}
          autoCapitalize="none"
          error={errors[`${path}.host`]}
        />
        <Field
          label={t('port')}
          name={`${path}.port`}
          inputMode="numeric"
          defaultValue={upstream?.port ?? ''}
          placeholder={scheme === 'https' ? '443' : '80'}
          error={errors[`${path}.port`]}
        />
      </div>
      <SelectField
        label={t('hostHeader.label')}
        name={`${path}.hostHeader`}
        value={header}
        onChange={(event) => setHeader(event.target.value)}
        error={errors[`${path}.hostHeader`]}
      >
        <option value="public">{t('hostHeader.public')}</option>
        <option value="internal">{t('hostHeader.internal')}</option>
        <option value="fixed">{t('hostHeader.fixed')}</option>
      </SelectField>
      {header === 'fixed' && (
        <Field
          label={t('hostHeader.value')}
          name={`${path}.hostHeader.value`}
          defaultValue={upstream?.hostHeader.kind === 'fixed' ? upstream.hostHeader.value : ''}
          error={errors[`${path}.hostHeader.value`]}
        />
      )}
      {scheme === 'https' && (
        <SelectField
          label={t('tls.label')}
          name={`${path}.tls`}
          value={trust}
          onChange={(event) => setTrust(event.target.value)}
          error={errors[`${path}.tls`]}
        >
          <option value="system">{t('tls.system')}</option>
          <option value="ca">{t('tls.ca')}</option>
          <option value="pinned">{t('tls.pinned')}</option>
          <option value="unverified">{t('tls.unverified')}</option>
        </SelectField>
      )}
      {scheme === 'https' && trust === 'ca' && (
        <AreaField
          label={t('tls.pem')}
          name={`${path}.tls.pem`}
          rows={6}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          placeholder="-----BEGIN CERTIFICATE-----"
          defaultValue={tls?.kind === 'ca' ? tls.pem : ''}
          error={errors[`${path}.tls.pem`]}
        />
      )}
      {scheme === 'https' && trust === 'pinned' && (
        <AreaField
          label={t('tls.sha256')}
          name={`${path}.tls.sha256`}
          rows={4}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          defaultValue={tls?.kind === 'pinned' ? tls.sha256 : ''}
          hint={t('tls.sha256Hint')}
          error={errors[`${path}.tls.sha256`]}
        />
      )}
      {scheme === 'https' && trust === 'unverified' && (
        <p className="rounded-lg border border-danger-line bg-danger-soft px-3 py-2.5 text-sm text-danger">
          {t('tls.unverifiedAbout')}
        </p>
      )}
      <ConnectionFields path={path} upstream={upstream} isTls={scheme === 'https'} errors={errors} />
    </>
  );
}
