// An upstream's fields as the value that the store's schema reads; the same for an app's own and for those of its paths.
import { endpointOf, linesOf, textOf } from '../form/form-values.ts';

/** `path`: what the names of its fields begin with, `upstream` or `traffic.routes.0.upstream`. */
export function readUpstream(form: FormData, path: string): Record<string, unknown> {
  const port = textOf(form, `${path}.port`);
  return {
    scheme: textOf(form, `${path}.scheme`),
    host: textOf(form, `${path}.host`),
    port,
    hostHeader: readHostHeader(form, path),
    tls: readTls(form, path),
    protocol: textOf(form, `${path}.protocol`) || 'http/1.1',
    clientCertificate: readCertificate(form, path),
    replicas: linesOf(form, `${path}.replicas`).map((line) => {
      const { address, port: own } = endpointOf(line, null);
      return { host: address, port: own || port };
    }),
  };
}

function readHostHeader(form: FormData, path: string) {
  const kind = textOf(form, `${path}.hostHeader`);
  return kind === 'fixed' ? { kind, value: textOf(form, `${path}.hostHeader.value`) } : { kind: kind || 'public' };
}

function readTls(form: FormData, path: string) {
  const kind = textOf(form, `${path}.tls`);
  if (kind === 'ca') return { kind, pem: textOf(form, `${path}.tls.pem`) };
  if (kind === 'pinned') return { kind, sha256: textOf(form, `${path}.tls.sha256`) };
  return { kind: kind || 'system' };
}

function readCertificate(form: FormData, path: string) {
  const of = `${path}.clientCertificate`;
  switch (textOf(form, of)) {
    case 'kept':
      return { kind: 'kept', id: textOf(form, `${of}.id`) };
    case 'new':
      return { kind: 'new', cert: textOf(form, `${of}.cert`), key: textOf(form, `${of}.key`) };
    default:
      return null;
  }
}
