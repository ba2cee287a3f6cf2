// The lines that make an organisation's own DNS server forward the cluster's zone to the load balancers.
import { getTranslations } from 'next-intl/server';
import { type Cluster, SIDES } from '#server/core/cluster.ts';
import { forwardLines } from '#server/core/forward-lines.ts';
import { CopyButton } from '../../ui/copy-button.tsx';

export async function ForwardingLines({ cluster }: { cluster: Cluster }) {
  const t = await getTranslations('gateways');
  const sides = SIDES.filter((side) => cluster.nodes.some(({ addresses }) => addresses[side].length > 0));
  return (
    <section aria-labelledby="forwarding">
      <h2 id="forwarding" className="mb-1 font-medium">
        {t('forwarding')}
      </h2>
      <p className="mb-3 max-w-2xl text-sm text-muted">{t('forwardingAbout', { name: cluster.name })}</p>
      <div className="grid gap-3">
        {sides.map((side) => {
          const servers = cluster.nodes
            .filter(({ isLoadBalancer }) => isLoadBalancer)
            .flatMap(({ addresses }) => addresses[side])
            .map((address) => ({ address, port: 53 }));
          return (
            <details key={side} className="card px-4 py-3" open={sides.length === 1}>
              <summary className="cursor-pointer text-sm font-medium">{t(`forwardingFrom.${side}`)}</summary>
              <dl className="mt-3 grid gap-3 text-sm">
                {forwardLines([cluster.name], servers).map(({ program, lines }) => (
                  <div key={program} className="min-w-0">
                    <dt className="flex items-center justify-between gap-2 text-muted">
                      {program}
                      <CopyButton text={`${lines.join('\n')}\n`} label={t('copyLines', { program })} />
                    </dt>
                    <dd>
                      <pre className="rounded-lg bg-sunken px-3 py-2 text-[0.8125rem] whitespace-pre-wrap [overflow-wrap:anywhere]">
                        {lines.join('\n')}
                      </pre>
                    </dd>
                  </div>
                ))}
              </dl>
            </details>
          );
        })}
      </div>
    </section>
  );
}
