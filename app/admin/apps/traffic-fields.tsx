// How an app's requests travel: each group is one line until somebody needs it.
'use client';
import { useTranslations } from 'next-intl';
import { useState } from 'react';
import type { Traffic } from '#server/core/app.ts';
import { Disclosure, DisclosureList } from '../../ui/disclosure.tsx';
import { AreaField, CheckField, Field } from '../../ui/field.tsx';
import type { Unit } from './form-units.ts';
import { HeaderEditFields } from './header-edit-fields.tsx';
import { RouteFields } from './route-fields.tsx';
import type { ShownApp } from './shown-app.ts';
import { secondsOf, useTrafficNotes } from './traffic-notes.ts';

type Props = {
  traffic: ShownApp['traffic'];
  /** A part with another version begins anew. */
  versions: Readonly<Record<Unit, number>>;
  /** Paths and shares are shown but not this person's to change. */
  isPlaceFixed: boolean | undefined;
  errors: Record<string, string>;
};

export function TrafficFields({ traffic, versions, isPlaceFixed, errors }: Props) {
  const t = useTranslations('apps.form');
  const notes = useTrafficNotes();
  return (
    <>
      <MaintenanceFields key={versions.maintenance} maintenance={traffic.maintenance} errors={errors} />
      <DisclosureList>
        <Disclosure
          title={t('paths.title')}
          note={notes.routes(traffic.routes)}
          paths={['traffic.routes']}
          errors={errors}
        >
          {isPlaceFixed && <Fixed />}
          <fieldset disabled={isPlaceFixed} className="min-w-0">
            {/* With other certificates stored, what was typed for them is over. */}
            <RouteFields
              key={`${versions.routes} ${traffic.routes.map(({ upstream }) => upstream.clientCertificate?.id).join()}`}
              routes={traffic.routes}
              errors={errors}
            />
          </fieldset>
        </Disclosure>
        <Disclosure
          key={`mapping ${versions.mapping}`}
          title={t('mapping.title')}
          note={notes.mapping(traffic)}
          paths={['traffic.mapLocation', 'traffic.mapCookieDomain']}
          errors={errors}
        >
          <div className="grid gap-2">
            <CheckField
              label={t('mapping.location')}
              name="traffic.mapLocation"
              defaultChecked={traffic.mapLocation}
              error={errors['traffic.mapLocation']}
            />
            <CheckField
              label={t('mapping.cookies')}
              name="traffic.mapCookieDomain"
              defaultChecked={traffic.mapCookieDomain}
              error={errors['traffic.mapCookieDomain']}
            />
          </div>
        </Disclosure>
        <Disclosure
          key={`headers ${versions.headers}`}
          title={t('headers.title')}
          note={notes.headers(traffic)}
          paths={['traffic.requestHeaders', 'traffic.responseHeaders']}
          errors={errors}
        >
          <p className="text-[0.8125rem] text-muted">{t('headers.about')}</p>
          <HeaderEditFields
            legend={t('headers.request')}
            path="traffic.requestHeaders"
            edits={traffic.requestHeaders}
            errors={errors}
          />
          <HeaderEditFields
            legend={t('headers.response')}
            path="traffic.responseHeaders"
            edits={traffic.responseHeaders}
            errors={errors}
          />
        </Disclosure>
        <TimeoutFields key={`timeouts ${versions.timeouts}`} timeouts={traffic.timeouts} errors={errors} />
        <Disclosure
          key={`concurrency ${versions.concurrency}`}
          title={t('atOnce.title')}
          note={notes.concurrency(traffic.concurrency)}
          paths={['traffic.concurrency']}
          errors={errors}
        >
          {isPlaceFixed && <Fixed />}
          <fieldset disabled={isPlaceFixed} className="grid min-w-0 gap-4 sm:grid-cols-2">
            <Field
              label={t('atOnce.app')}
              name="traffic.concurrency.app"
              inputMode="numeric"
              defaultValue={traffic.concurrency.app ?? ''}
              error={errors['traffic.concurrency.app']}
            />
            <Field
              label={t('atOnce.person')}
              name="traffic.concurrency.person"
              inputMode="numeric"
              defaultValue={traffic.concurrency.person ?? ''}
              error={errors['traffic.concurrency.person']}
            />
          </fieldset>
          <p className="text-[0.8125rem] text-muted">{t('atOnce.about')}</p>
        </Disclosure>
        <Disclosure
          key={`health ${versions.healthCheck}`}
          title={t('health.title')}
          note={notes.health(traffic.healthCheck)}
          paths={['traffic.healthCheck']}
          errors={errors}
        >
          <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_9rem]">
            <Field
              label={t('health.path')}
              name="traffic.healthCheck.path"
              optional
              placeholder="/healthz"
              spellCheck={false}
              autoCapitalize="none"
              autoComplete="off"
              defaultValue={traffic.healthCheck?.path}
              error={errors['traffic.healthCheck.path']}
            />
            <Field
              label={t('health.every')}
              name="traffic.healthCheck.everyMs"
              inputMode="decimal"
              defaultValue={secondsOf(traffic.healthCheck?.everyMs ?? 10_000)}
              error={errors['traffic.healthCheck.everyMs']}
            />
          </div>
          <p className="text-[0.8125rem] text-muted">{t('health.about')}</p>
        </Disclosure>
      </DisclosureList>
    </>
  );
}

function Fixed() {
  const t = useTranslations('apps.form');
  return <p className="text-sm text-muted">{t('adminOnly')}</p>;
}

function MaintenanceFields({ maintenance, errors }: { maintenance: string | null; errors: Record<string, string> }) {
  const t = useTranslations('apps.form');
  const [isClosed, setClosed] = useState(maintenance !== null);
  return (
    <div className="grid gap-3">
      <CheckField
        label={t('maintenance.on')}
        name="traffic.maintenance.on"
        hint={t('maintenance.onHint')}
        checked={isClosed}
        onChange={(event) => setClosed(event.target.checked)}
      />
      {isClosed && (
        <AreaField
          label={t('maintenance.text')}
          name="traffic.maintenance"
          rows={3}
          defaultValue={maintenance ?? ''}
          placeholder={t('maintenance.placeholder')}
          error={errors['traffic.maintenance']}
        />
      )}
    </div>
  );
}

function TimeoutFields({ timeouts, errors }: { timeouts: Traffic['timeouts']; errors: Record<string, string> }) {
  const t = useTranslations('apps.form');
  const notes = useTrafficNotes();
  return (
    <Disclosure
      title={t('timeouts.title')}
      note={notes.timeouts(timeouts)}
      paths={['traffic.timeouts']}
      errors={errors}
    >
      <div className="grid gap-4 sm:grid-cols-3">
        {TIMEOUTS.map((key) => (
          <Field
            key={key}
            label={t(`timeouts.${key}`)}
            name={`traffic.timeouts.${key}`}
            inputMode="decimal"
            defaultValue={secondsOf(timeouts[key])}
            error={errors[`traffic.timeouts.${key}`]}
          />
        ))}
      </div>
      <p className="text-[0.8125rem] text-muted">{t('timeouts.about')}</p>
    </Disclosure>
  );
}

const TIMEOUTS = ['connect', 'headers', 'idle'] as const;
