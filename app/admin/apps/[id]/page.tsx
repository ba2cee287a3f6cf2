// One app: its DNS record, its settings, who may open it.
import type { Metadata } from 'next';
import { getApp } from '#server/store/apps.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { enter, granted } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { AppForm } from '../app-form.tsx';
import { DnsRecords } from '../dns-records.tsx';
import { shownApp } from '../shown-app.ts';

export const metadata: Metadata = { title: 'App' };

export default async function AppPage({ params }: { params: Promise<{ id: string }> }) {
  const admin = await enter('apps.read');
  const record = granted(await getApp(admin.store, admin.actor, (await params).id));
  const { gatewayName } = portalContext();
  return (
    <>
      <PageHead title={record.app.name} />
      <DnsRecords hosts={record.app.hosts} gatewayName={gatewayName} />
      <AppForm
        app={{
          app: shownApp(record.app, portalContext().now()),
          assignments: record.assignments,
          ownerUserId: record.ownerUserId,
          updatedAt: record.updatedAt,
        }}
        choices={await appChoices(admin, record.app.siteId)}
        isReadOnly={!admin.can('apps.write')}
        isPlaceFixed={!admin.can('apps.place')}
      />
    </>
  );
}
