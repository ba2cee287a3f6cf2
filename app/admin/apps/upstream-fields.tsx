// Where bytes go: scheme, host, port, the Host that is seen there, and how the certificate is trusted.
'use client';
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
  const [scheme, setScheme] = useState<string>(upstream?.scheme ?? 'http');
  const [header, setHeader] = useState<string>(upstream?.hostHeader.kind ?? 'public');
  const [trust, setTrust] = useState<string>(upstream?.tls.kind ?? 'system');
  const tls = upstream?.tls;
  return (
    <>
      <div className="grid gap-4 sm:grid-cols-[7rem_minmax(0,1fr)_6.5rem]">
        <SelectField
          label="Scheme"
          name={`${path}.scheme`}
          value={scheme}
          onChange={(event) => setScheme(event.target.value)}
          error={errors[`${path}.scheme`]}
        >
          <option value="http">http</option>
          <option value="https">https</option>
        </SelectField>
        <Field
          label="Internal name or address"
          name={`${path}.host`}
          defaultValue={upstream?.host}
          placeholder="wiki.corp.internal"
          spellCheck={false}
          autoCapitalize="none"
          error={errors[`${path}.host`]}
        />
        <Field
          label="Port"
          name={`${path}.port`}
          inputMode="numeric"
          defaultValue={upstream?.port ?? ''}
          placeholder={scheme === 'https' ? '443' : '80'}
          error={errors[`${path}.port`]}
        />
      </div>
      <SelectField
        label="Host header that the app sees"
        name={`${path}.hostHeader`}
        value={header}
        onChange={(event) => setHeader(event.target.value)}
        error={errors[`${path}.hostHeader`]}
      >
        <option value="public">The public name (right for most apps)</option>
        <option value="internal">The internal name</option>
        <option value="fixed">Another name…</option>
      </SelectField>
      {header === 'fixed' && (
        <Field
          label="Host to send"
          name={`${path}.hostHeader.value`}
          defaultValue={upstream?.hostHeader.kind === 'fixed' ? upstream.hostHeader.value : ''}
          error={errors[`${path}.hostHeader.value`]}
        />
      )}
      {scheme === 'https' && (
        <SelectField
          label="The app’s certificate"
          name={`${path}.tls`}
          value={trust}
          onChange={(event) => setTrust(event.target.value)}
          error={errors[`${path}.tls`]}
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
          label="The certificate (PEM) or its SHA-256"
          name={`${path}.tls.sha256`}
          rows={4}
          spellCheck={false}
          className="font-mono text-[0.8125rem]"
          defaultValue={tls?.kind === 'pinned' ? tls.sha256 : ''}
          hint="Name and dates are not looked at: only this very certificate is accepted."
          error={errors[`${path}.tls.sha256`]}
        />
      )}
      {scheme === 'https' && trust === 'unverified' && (
        <p className="rounded-lg border border-danger-line bg-danger-soft px-3 py-2.5 text-sm text-danger">
          Anybody in that network can pretend to be this app and read what people send it. Pin the certificate instead,
          if you can.
        </p>
      )}
      <ConnectionFields path={path} upstream={upstream} isTls={scheme === 'https'} errors={errors} />
    </>
  );
}
