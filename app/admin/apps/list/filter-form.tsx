// Search and filters of the table of apps: an ordinary GET form that sends itself when something is chosen.
'use client';
import { useRouter } from 'next/navigation';
import { useTranslations } from 'next-intl';
import { type FormEvent, type ReactNode, useRef } from 'react';
import { APP_CONDITIONS, APP_SORTS } from '#server/core/app-list.ts';
import { type AppListQuery, isFiltered, NO_CATEGORY } from './list-query.ts';

type Named = { id: string; name: string };

export function FilterForm(props: {
  query: AppListQuery;
  sites: readonly Named[];
  categories: readonly string[];
  owners: readonly Named[];
  isOwnList: boolean;
}) {
  const t = useTranslations('apps');
  const router = useRouter();
  const form = useRef<HTMLFormElement>(null);
  const { filter, sort, descending } = props.query;

  function send(event?: FormEvent) {
    event?.preventDefault();
    if (!form.current) return;
    const fields = [...new FormData(form.current)].filter(([, value]) => value !== '');
    const query = new URLSearchParams(fields.map(([name, value]) => [name, String(value)]));
    if (query.get('sort') === 'name') query.delete('sort');
    router.push(`/admin/apps${query.size > 0 ? `?${query}` : ''}`);
  }

  const select = (name: string, label: string, value: string, options: ReactNode, className = '') => (
    <select
      // A link to another look at the table changes what is chosen here.
      key={value}
      name={name}
      aria-label={label}
      defaultValue={value}
      onChange={() => send()}
      className={`field min-w-0 sm:w-auto sm:max-w-40 ${className}`}
    >
      {options}
    </select>
  );

  return (
    <search>
      <form
        ref={form}
        method="get"
        action="/admin/apps"
        onSubmit={send}
        className="mb-4 grid grid-cols-2 gap-2 sm:flex sm:flex-wrap"
      >
        <input
          key={filter.search}
          type="search"
          name="q"
          defaultValue={filter.search}
          aria-label={t('filter.search')}
          placeholder={t('filter.search')}
          className="field max-sm:col-span-2 sm:w-56"
        />
        {select(
          'state',
          t('filter.state'),
          filter.condition ?? '',
          <>
            <option value="">{t('filter.anyState')}</option>
            {APP_CONDITIONS.map((each) => (
              <option key={each} value={each}>
                {t(`state.${each}`)}
              </option>
            ))}
          </>,
        )}
        {props.sites.length > 1 &&
          select(
            'site',
            t('filter.site'),
            filter.siteId ?? '',
            <>
              <option value="">{t('filter.anySite')}</option>
              {props.sites.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </>,
          )}
        {props.categories.length > 0 &&
          select(
            'category',
            t('filter.category'),
            filter.category === '' ? NO_CATEGORY : (filter.category ?? ''),
            <>
              <option value="">{t('filter.anyCategory')}</option>
              {props.categories.map((each) => (
                <option key={each} value={each}>
                  {each}
                </option>
              ))}
              <option value={NO_CATEGORY}>{t('filter.noCategory')}</option>
            </>,
          )}
        {props.owners.length > 0 &&
          select(
            'owner',
            t('filter.owner'),
            filter.ownerUserId ?? '',
            <>
              <option value="">{t('filter.anyOwner')}</option>
              {props.owners.map(({ id, name }) => (
                <option key={id} value={id}>
                  {name}
                </option>
              ))}
            </>,
          )}
        {select(
          'nobody',
          t('filter.who'),
          filter.unassigned ? '1' : '',
          <>
            <option value="">{t('filter.anyWho')}</option>
            <option value="1">{t('filter.nobody')}</option>
          </>,
        )}
        {/* Where the heads of the table are not seen. */}
        {select(
          'sort',
          t('filter.sort'),
          sort,
          APP_SORTS.map((each) => (
            <option key={each} value={each}>
              {t(`sort.${each}`)}
            </option>
          )),
          'md:hidden',
        )}
        {descending && <input type="hidden" name="desc" value="1" />}
        {isFiltered(filter) && (
          <a className="button" data-kind="quiet" href="/admin/apps">
            {t('filter.clear')}
          </a>
        )}
        <button type="submit" className="sr-only focus:not-sr-only focus:button">
          {t('filter.apply')}
        </button>
      </form>
    </search>
  );
}
