// The site editor.
'use client';
import { useTranslations } from 'next-intl';
import type { FormEvent } from 'react';
import type { Site } from '#server/core/app.ts';
import { dnsServerText, endpointText } from '#server/core/dns-server.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { dnsServerOf, endpointOf, linesOf, textOf } from '../form/form-values.ts';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { deleteSiteAction, saveSiteAction } from './actions.ts';

const KNOWN = ['name', 'dnsServers', 'zones', 'ranges', 'endpoints'];

type SiteFormProps = {
  /** Null for a new site. */
  site: Site | null;
  updatedAt?: number;
  /** What a new site's form begins with. */
  proposal?: Omit<Site, 'id'>;
  isReadOnly?: boolean;
};

export function SiteForm({ site, updatedAt, proposal, isReadOnly }: SiteFormProps) {
  const t = useTranslations('sites');
  const common = useTranslations('common');
  const initial = site ?? proposal;
  const save = useSave(updatedAt);
  const errors = lineErrors(save.errors);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      name: textOf(form, 'name'),
      dnsServers: linesOf(form, 'dnsServers').map(dnsServerOf),
      zones: linesOf(form, 'zones'),
      ranges: linesOf(form, 'ranges'),
      endpoints: linesOf(form, 'endpoints').map((line) => endpointOf(line, null)),
    };
    save.send(saveSiteAction(site?.id ?? null, input, save.openedAt), (saved: { id: string }) =>
      site ? null : `/admin/sites/${saved.id}`,
    );
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={isReadOnly} className="min-w-0">
        <Section title={t('form.site')} about={t('form.siteAbout')}>
          <Field label={t('form.name')} name="name" required defaultValue={initial?.name} error={errors.name} />
        </Section>
        <Section title={t('form.dns')} about={t('form.dnsAbout')}>
          <ListInput
            label={t('form.servers')}
            name="dnsServers"
            initial={initial?.dnsServers.map(dnsServerText) ?? []}
            addLabel={t('form.addServer')}
            placeholder="192.168.1.53"
            hint={t('form.serversHint')}
            errors={errors}
          />
          <ListInput
            label={t('form.zones')}
            name="zones"
            initial={initial?.zones ?? []}
            addLabel={t('form.addZone')}
            placeholder="corp.internal"
            hint={t('form.zonesHint')}
            errors={errors}
          />
        </Section>
        <Section title={t('form.reach')} about={t('form.reachAbout')}>
          <ListInput
            label={t('form.ranges')}
            name="ranges"
            initial={initial?.ranges ?? []}
            addLabel={t('form.addRange')}
            placeholder="192.168.1.0/24"
            errors={errors}
          />
          <ListInput
            label={t('form.endpoints')}
            name="endpoints"
            initial={initial?.endpoints.map(endpointText) ?? []}
            addLabel={t('form.addEndpoint')}
            placeholder="127.0.0.1:3000"
            hint={t('form.endpointsHint')}
            errors={errors}
          />
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={site ? common('save') : t('add')} cancelHref="/admin/sites">
          {site && (
            <ConfirmButton
              label={common('delete')}
              title={t('form.deleteTitle', { name: site.name })}
              confirmLabel={t('form.deleteConfirm')}
              action={() => deleteSiteAction(site.id)}
              doneHref="/admin/sites"
            >
              {t('form.deleteAbout')}
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

/** `dnsServers.0.address` stands beside line 0: one line is typed for the pair. */
function lineErrors(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([path, sentence]) => [path.replace(/\.(address|port|tlsName)$/, ''), sentence]),
  );
}
