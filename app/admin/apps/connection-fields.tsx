// What few upstreams need: another protocol, more places that serve the same, a certificate to show them.
'use client';
import { useTranslations } from 'next-intl';
import { endpointText } from '#server/core/dns-server.ts';
import { Disclosure, DisclosureList } from '../../ui/disclosure.tsx';
import { SelectField } from '../../ui/field.tsx';
import { ListInput } from '../form/list-input.tsx';
import { ClientCertificateFields } from './client-certificate-fields.tsx';
import type { ShownUpstream } from './shown-app.ts';

type Props = {
  path: string;
  upstream: ShownUpstream | undefined;
  isTls: boolean;
  errors: Record<string, string>;
};

export function ConnectionFields({ path, upstream, isTls, errors }: Props) {
  const t = useTranslations('apps.form');
  const replicas = upstream?.replicas ?? [];
  const certificate = upstream?.clientCertificate ?? null;
  const note = [
    upstream?.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1',
    t('connection.places', { count: replicas.length + 1 }),
    certificate && (certificate.isExpired ? t('connection.expired') : t('connection.certificate')),
  ];
  return (
    <DisclosureList>
      <Disclosure
        title={t('connection.title')}
        note={note.filter(Boolean).join(', ')}
        paths={[`${path}.protocol`, `${path}.replicas`, `${path}.clientCertificate`]}
        errors={errors}
      >
        <SelectField
          label={t('connection.protocol')}
          name={`${path}.protocol`}
          defaultValue={upstream?.protocol ?? 'http/1.1'}
          error={errors[`${path}.protocol`]}
          hint={t('connection.protocolHint')}
        >
          <option value="http/1.1">{t('connection.http1')}</option>
          <option value="h2">HTTP/2</option>
        </SelectField>
        <ListInput
          label={t('connection.replicas')}
          name={`${path}.replicas`}
          initial={replicas.map(({ host, port }) => endpointText({ address: host, port }))}
          addLabel={t('connection.addPlace')}
          placeholder="wiki-2.corp.internal"
          hint={t('connection.replicasHint')}
          errors={lineErrors(errors, `${path}.replicas`)}
        />
        {isTls && (
          // With another certificate stored, what was typed for it is over.
          <ClientCertificateFields
            key={certificate?.id ?? 'none'}
            path={`${path}.clientCertificate`}
            certificate={certificate}
            errors={errors}
          />
        )}
      </Disclosure>
    </DisclosureList>
  );
}

/** `replicas.0.host` stands beside line 0: one line is typed for the pair. */
function lineErrors(errors: Record<string, string>, list: string): Record<string, string> {
  const own = Object.entries(errors).filter(([path]) => path.startsWith(list));
  return Object.fromEntries(own.map(([path, sentence]) => [path.replace(/\.(host|port)$/, ''), sentence]));
}
