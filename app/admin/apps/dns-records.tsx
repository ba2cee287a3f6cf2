// The public DNS records that an app needs, ready to be copied, and a new alias for who needs one.
import { useTranslations } from 'next-intl';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RenewAlias } from './renew-alias.tsx';

type Props = {
  appId: string;
  hosts: readonly string[];
  /** The app's alias, or the gateway's name. */
  target: string | null;
  isAlias: boolean;
  mayRenew: boolean;
};

export function DnsRecords({ appId, hosts, target, isAlias, mayRenew }: Props) {
  const t = useTranslations('apps.records');
  return (
    <section aria-label={t('title')} className="card mb-8 px-4 py-3.5 text-sm">
      <h2 className="font-medium">{t('title')}</h2>
      {target ? (
        <>
          <p className="mt-0.5 text-muted">{t('create')}</p>
          <ul className="mt-2 divide-y divide-line">
            {hosts.map((host) => {
              const record = `${host}. CNAME ${target}.`;
              return (
                <li key={host} className="flex items-center justify-between gap-3 py-1">
                  <code className="min-w-0 break-all text-[0.8125rem]">{record}</code>
                  <CopyButton text={record} label={t('copy', { host })} />
                </li>
              );
            })}
          </ul>
          {isAlias && (
            <div className="mt-1 flex flex-wrap items-center justify-between gap-x-3 gap-y-2">
              <p className="text-muted">{t('alias')}</p>
              {mayRenew && <RenewAlias appId={appId} />}
            </div>
          )}
        </>
      ) : (
        <p className="mt-0.5 text-muted">
          {hosts.every((host) => host.endsWith('.localhost')) ? t('local') : t('noGateway')}
        </p>
      )}
    </section>
  );
}
