// Where an app's bytes go: site, scheme, host, port, the Host it sees, and how its certificate is trusted.
'use client';
import { useState } from 'react';
import type { Upstream } from '#server/core/app.ts';
import { AreaField, Field, SelectField } from '../../ui/field.tsx';
import type { Choice } from './app-choices.ts';

type Props = {
  upstream: Upstream | undefined;
  sites: readonly Choice[];
  siteId: string | undefined;
  errors: Record<string, string>;
};

export function UpstreamFields({ upstream, sites, siteId, errors }: Props) {
  const [scheme, setScheme] = useState<string>(upstream?.scheme ?? 'http');
  const [header, setHeader] = useState<string>(upstream?.hostHeader.kind ?? 'public');
  const [trust, setTrust] = useState<string>(upstream?.tls.kind ?? 'system');
  const tls = upstream?.tls;
  return (
    <>
      <SelectField label="Site" name="siteId" defaultValue={siteId ?? sites[0]?.id} error={errors.siteId}>
        {sites.length === 0 && <option value="">No site yet</option>}
        {sites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {sites.length === 0 && (
        <p className="text-sm text-muted">
          An app lives in a site.{' '}
          <a className="link" href="/admin/sites/new">
            Add a site
          </a>{' '}
          first.
        </p>
      )}
      <div className="grid gap-4 sm:grid-cols-[7rem_minmax(0,1fr)_6.5rem]">
        <SelectField
          label="Scheme"
          name="upstream.scheme"
          value={scheme}
          onChange={(event) => setScheme(event.target.value)}
          error={errors['upstream.scheme']}
        >
          <option value="http">http</option>
          <option value="https">https</option>
        </SelectField>
        <Field
          label="Internal name or address"
          name="upstream.host"
          defaultValue={upstream?.host}
          placeholder="wiki.corp.internal"
          spellCheck={false}
          autoCapitalize="none"
          error={errors['upstream.host']}
        />
        <Field
          label="Port"
          name="upstream.port"
          inputMode="numeric"
          defaultValue={upstream?.port ?? ''}
          placeholder={scheme === 'https' ? '443' : '80'}
          error={errors['upstream.port']}
        />
      </div>
      <SelectField
        label="Host header that the app sees"
        name="upstream.hostHeader"
        value={header}
        onChange={(event) => setHeader(event.target.value)}
        error={errors['upstream.hostHeader']}
      >
        <option value="public">The public name (right for most apps)</option>
        <option value="internal">The internal name</option>
        <option value="fixed">Another name…</option>
      </SelectField>
      {header === 'fixed' && (
        <Field
          label="Host to send"
          name="upstream.hostHeader.value"
          defaultValue={upstream?.hostHeader.kind === 'fixed' ? upstream.hostHeader.value : ''}
          error={errors['upstream.hostHeader.value']}
        />
      )}
      {scheme === 'https' && (
        <SelectField
          label="The app’s certificate"
          name="upstream.tls"
          value={trust}
          onChange={(event) => setTrust(event.target.value)}
          error={errors['upstream.tls']}
        >
          <option value="system">Signed by a public authority</option>
          <option value="ca">Signed by our own authority…</option>
          <option value="pinned">Exactly one certificate…</option>
          <option value="unverified">Do not verify</option>
        </SelectField>
      )}
      {scheme === 'https' && trust === 'ca' && (
        <AreaField
          label="Authority certificate (PEM)"
          name="upstream.tls.pem"
          rows={6}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          placeholder="-----BEGIN CERTIFICATE-----"
          defaultValue={tls?.kind === 'ca' ? tls.pem : ''}
          error={errors['upstream.tls.pem']}
        />
      )}
      {scheme === 'https' && trust === 'pinned' && (
        <AreaField
          label="The certificate (PEM) or its SHA-256"
          name="upstream.tls.sha256"
          rows={4}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          defaultValue={tls?.kind === 'pinned' ? tls.sha256 : ''}
          hint="Name and dates are not looked at: only this very certificate is accepted."
          error={errors['upstream.tls.sha256']}
        />
      )}
      {scheme === 'https' && trust === 'unverified' && (
        <p className="rounded-lg border border-danger-line bg-danger-soft px-3 py-2.5 text-sm text-danger">
          Anybody in that network can pretend to be this app and read what people send it. Pin the certificate instead,
          if you can.
        </p>
      )}
    </>
  );
}
