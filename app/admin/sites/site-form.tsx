// The site editor.
'use client';
import type { FormEvent } from 'react';
import type { Site } from '#server/core/app.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { Field } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { endpointOf, endpointText, linesOf, textOf } from '../form/form-values.ts';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { deleteSiteAction, saveSiteAction } from './actions.ts';

const DNS_PORT = 53;
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
  const initial = site ?? proposal;
  const save = useSave(updatedAt);
  const errors = lineErrors(save.errors);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const input = {
      name: textOf(form, 'name'),
      dnsServers: linesOf(form, 'dnsServers').map((line) => endpointOf(line, DNS_PORT)),
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
        <Section title="Site" about="A network that the gateway can reach.">
          <Field label="Name" name="name" required defaultValue={initial?.name} error={errors.name} />
        </Section>
        <Section title="Private DNS" about="The servers that know the internal names. They are asked in order.">
          <ListInput
            label="DNS servers"
            name="dnsServers"
            initial={initial?.dnsServers.map(endpointText) ?? []}
            addLabel="Add server"
            placeholder="192.168.1.53"
            hint="Address, and a port where it is not 53."
            errors={errors}
          />
          <ListInput
            label="Zones"
            name="zones"
            initial={initial?.zones ?? []}
            addLabel="Add zone"
            placeholder="corp.internal"
            hint="Only names in these zones are asked for. None means every name."
            errors={errors}
          />
        </Section>
        <Section
          title="May be reached"
          about="Whatever an internal name leads to, only these addresses are connected to."
        >
          <ListInput
            label="Address ranges"
            name="ranges"
            initial={initial?.ranges ?? []}
            addLabel="Add range"
            placeholder="192.168.1.0/24"
            errors={errors}
          />
          <ListInput
            label="Exact address and port"
            name="endpoints"
            initial={initial?.endpoints.map(endpointText) ?? []}
            addLabel="Add address and port"
            placeholder="127.0.0.1:3000"
            hint="For an app on the gateway’s own machine, or one address outside the ranges."
            errors={errors}
          />
        </Section>
      </fieldset>
      {!isReadOnly && (
        <SaveBar save={save} label={site ? 'Save' : 'Add site'} cancelHref="/admin/sites">
          {site && (
            <ConfirmButton
              label="Delete"
              title={`Delete ${site.name}?`}
              confirmLabel="Delete site"
              action={() => deleteSiteAction(site.id)}
              doneHref="/admin/sites"
            >
              Only a site without apps can be deleted. This cannot be undone.
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
    Object.entries(errors).map(([path, sentence]) => [path.replace(/\.(address|port)$/, ''), sentence]),
  );
}
