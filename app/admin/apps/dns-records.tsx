// The public DNS records that an app needs, ready to be copied.
import { CopyButton } from '../../ui/copy-button.tsx';

export function DnsRecords({ hosts, gatewayName }: { hosts: readonly string[]; gatewayName: string | null }) {
  return (
    <section aria-label="Public DNS" className="card mb-8 px-4 py-3.5 text-sm">
      <h2 className="font-medium">Public DNS</h2>
      {gatewayName ? (
        <>
          <p className="mt-0.5 text-muted">These names have to lead to the gateway. Create one record for each:</p>
          <ul className="mt-2 divide-y divide-line">
            {hosts.map((host) => {
              const record = `${host}. CNAME ${gatewayName}.`;
              return (
                <li key={host} className="flex items-center justify-between gap-3 py-1">
                  <code className="min-w-0 break-all text-[0.8125rem]">{record}</code>
                  <CopyButton text={record} label={`Copy the record of ${host}`} />
                </li>
              );
            })}
          </ul>
        </>
      ) : (
        <p className="mt-0.5 text-muted">
          {hosts.every((host) => host.endsWith('.localhost'))
            ? 'Names under localhost lead to this machine by themselves: no record is needed.'
            : 'This gateway has no public name yet. Set FOYER_GATEWAY_NAME, and the CNAME records stand here.'}
        </p>
      )}
    </section>
  );
}
