// Filters of sessions and of streams: a GET form, so that a view has an address.
import { useTranslations } from 'next-intl';
import { SESSION_KINDS } from '#server/core/identity.ts';
import { STREAM_KINDS } from '#server/store/words.ts';

type Props = {
  of: 'sessions' | 'streams';
  search: string;
  kind: string | undefined;
  /** With streams: the apps to choose from. */
  apps?: readonly { id: string; name: string }[];
  appId?: string;
};

export function SessionFilterForm({ of, search, kind, apps, appId }: Props) {
  const t = useTranslations('sessions');
  return (
    <search>
      <form method="get" className="mb-5 flex flex-wrap gap-2">
        <input
          type="search"
          name="q"
          defaultValue={search}
          aria-label={t('person')}
          placeholder={t('person')}
          className="field max-w-xs"
        />
        {apps && (
          <select name="app" defaultValue={appId ?? ''} aria-label={t('app')} className="field w-auto max-w-full">
            <option value="">{t('anyApp')}</option>
            {apps.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        )}
        <select name="kind" defaultValue={kind ?? ''} aria-label={t('kind')} className="field w-auto">
          <option value="">{t('anyKind')}</option>
          {(of === 'streams' ? STREAM_KINDS : SESSION_KINDS).map((each) => (
            <option key={each} value={each}>
              {t(`kinds.${each}`)}
            </option>
          ))}
        </select>
        <button type="submit" className="button">
          {t('filter')}
        </button>
      </form>
    </search>
  );
}
