// The site that an app lives in.
import { SelectField } from '../../ui/field.tsx';
import type { Choice } from './app-choices.ts';

type Props = { sites: readonly Choice[]; siteId: string | undefined; error: string | undefined };

export function SiteField({ sites, siteId, error }: Props) {
  return (
    <>
      <SelectField label="Site" name="siteId" defaultValue={siteId ?? sites[0]?.id} error={error}>
        {sites.length === 0 && <option value="">No site yet</option>}
        {sites.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      {sites.length === 0 && (
        <p className="text-sm text-muted">
          An app lives in a site.{' '}
          <a className="link" href="/admin/sites/new">
            Add a site
          </a>{' '}
          first.
        </p>
      )}
    </>
  );
}
