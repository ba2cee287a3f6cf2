// One app: its DNS record, its settings, who may open it.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { getApp, listCategories } from '#server/store/apps.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { PageHead } from '../../../ui/page-head.tsx';
import { PageLink } from '../../../ui/page-link.tsx';
import { enter, granted } from '../../enter.ts';
import { appChoices } from '../app-choices.ts';
import { AppForm } from '../app-form.tsx';
import { DnsRecords } from '../dns-records.tsx';
import { shownApp } from '../shown-app.ts';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('apps'))('head.app') };
}

export default async function AppPage({ params }: { params: Promise<{ id: string }> }) {
  const admin = await enter('apps.read');
  const record = granted(await getApp(admin.store, admin.actor, (await params).id));
  const { gatewayName, snapshot } = portalContext();
  const alias = snapshot().aliases?.byApp.get(record.app.id) ?? null;
  const t = await getTranslations('way');
  return (
    <>
      <PageHead title={record.app.name}>
        <PageLink className="button" href={`/admin/apps/${record.app.id}/path`}>
          {t('see')}
        </PageLink>
      </PageHead>
      <DnsRecords
        appId={record.app.id}
        hosts={record.app.hosts}
        target={alias ?? gatewayName}
        isAlias={alias !== null}
        mayRenew={admin.can('apps.place')}
      />
      <AppForm
        app={{
          app: shownApp(record.app, portalContext().now()),
          assignments: record.assignments,
          ownerUserId: record.ownerUserId,
          updatedAt: record.updatedAt,
        }}
        choices={await appChoices(admin, record.app)}
        categories={await listCategories(admin.store, admin.actor)}
        isReadOnly={!admin.can('apps.write')}
        isPlaceFixed={!admin.can('apps.place')}
      />
    </>
  );
}
