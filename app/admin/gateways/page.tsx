// The cluster of gateways: who is up, who is sent people, what DNS answers now, and the settings behind it.
import type { Metadata } from 'next';
import { getTranslations } from 'next-intl/server';
import { upNodes, viewAnswers } from '#server/core/cluster-choice.ts';
import { getCluster } from '#server/store/cluster.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { Empty } from '../../ui/empty.tsx';
import { PageHead } from '../../ui/page-head.tsx';
import { enter, granted } from '../enter.ts';
import { ClusterForm } from './cluster-form.tsx';
import { ForwardingLines } from './forwarding-lines.tsx';
import { NodeTable } from './node-table.tsx';
import { ViewTable } from './view-table.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('gateways'))('title') };
}

export default async function GatewaysPage() {
  const { store, actor, can } = await enter('settings.read');
  const [found, t] = await Promise.all([getCluster(store, actor).then(granted), getTranslations('gateways')]);
  const { cluster, nodes, settings, updatedAt } = found;
  const { lookAtCluster, now } = portalContext();
  const standings = await lookAtCluster(found);
  const drained = new Set(nodes.filter(({ drainingSince }) => drainingSince !== null).map(({ number }) => number));
  return (
    <>
      <PageHead title={t('title')} about={t('about')} />
      {cluster ? (
        <div className="mb-10 grid gap-8">
          <NodeTable
            cluster={cluster}
            rows={nodes}
            standings={standings}
            now={now()}
            mayDrain={can('settings.write')}
          />
          <ViewTable cluster={cluster} answers={viewAnswers(cluster, upNodes(cluster, standings), drained)} />
          <ForwardingLines cluster={cluster} />
        </div>
      ) : (
        <div className="mb-10">
          <Empty title={t('none')}>{t('noneAbout')}</Empty>
        </div>
      )}
      <ClusterForm settings={settings} updatedAt={updatedAt} isReadOnly={!can('settings.write')} />
    </>
  );
}
