// What few upstreams need: another protocol, more places that serve the same, a certificate to show them.
'use client';
import { Disclosure, DisclosureList } from '../../ui/disclosure.tsx';
import { SelectField } from '../../ui/field.tsx';
import { endpointText } from '../form/form-values.ts';
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
  const replicas = upstream?.replicas ?? [];
  const certificate = upstream?.clientCertificate ?? null;
  const note = [
    upstream?.protocol === 'h2' ? 'HTTP/2' : 'HTTP/1.1',
    replicas.length === 0 ? 'one place' : `${replicas.length + 1} places`,
    certificate && (certificate.isExpired ? 'certificate expired' : 'client certificate'),
  ];
  return (
    <DisclosureList>
      <Disclosure
        title="Connection"
        note={note.filter(Boolean).join(', ')}
        paths={[`${path}.protocol`, `${path}.replicas`, `${path}.clientCertificate`]}
        errors={errors}
      >
        <SelectField
          label="Protocol"
          name={`${path}.protocol`}
          defaultValue={upstream?.protocol ?? 'http/1.1'}
          error={errors[`${path}.protocol`]}
          hint="gRPC needs HTTP/2. WebSockets always take HTTP/1.1."
        >
          <option value="http/1.1">HTTP/1.1 (right for most apps)</option>
          <option value="h2">HTTP/2</option>
        </SelectField>
        <ListInput
          label="More places that serve the same"
          name={`${path}.replicas`}
          initial={replicas.map(({ host, port }) => endpointText({ address: host, port }))}
          addLabel="Add place"
          placeholder="wiki-2.corp.internal"
          hint="Name or address, and a port where it is another one. Requests are shared among them; one that fails is left out."
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
