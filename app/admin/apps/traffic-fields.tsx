// How an app's requests travel: each group is one line until somebody needs it.
'use client';
import { useState } from 'react';
import type { Traffic } from '#server/core/app.ts';
import { Disclosure, DisclosureList } from '../../ui/disclosure.tsx';
import { AreaField, CheckField, Field } from '../../ui/field.tsx';
import { HeaderEditFields } from './header-edit-fields.tsx';
import { RouteFields } from './route-fields.tsx';
import type { ShownApp } from './shown-app.ts';
import {
  concurrencyNote,
  headersNote,
  healthNote,
  mappingNote,
  routesNote,
  secondsOf,
  timeoutsNote,
} from './traffic-notes.ts';

type Props = {
  traffic: ShownApp['traffic'];
  /** Paths and shares are shown but not this person's to change. */
  isPlaceFixed: boolean | undefined;
  errors: Record<string, string>;
};

export function TrafficFields({ traffic, isPlaceFixed, errors }: Props) {
  return (
    <>
      <MaintenanceFields maintenance={traffic.maintenance} errors={errors} />
      <DisclosureList>
        <Disclosure title="Paths" note={routesNote(traffic.routes)} paths={['traffic.routes']} errors={errors}>
          {isPlaceFixed && <Fixed />}
          <fieldset disabled={isPlaceFixed} className="min-w-0">
            {/* With other certificates stored, what was typed for them is over. */}
            <RouteFields
              key={traffic.routes.map(({ upstream }) => upstream.clientCertificate?.id).join()}
              routes={traffic.routes}
              errors={errors}
            />
          </fieldset>
        </Disclosure>
        <Disclosure
          title="Redirects and cookies"
          note={mappingNote(traffic)}
          paths={['traffic.mapLocation', 'traffic.mapCookieDomain']}
          errors={errors}
        >
          <div className="grid gap-2">
            <CheckField
              label="Redirects to the internal name lead to the public one"
              name="traffic.mapLocation"
              defaultChecked={traffic.mapLocation}
              error={errors['traffic.mapLocation']}
            />
            <CheckField
              label="Cookies for the internal name are for the public one"
              name="traffic.mapCookieDomain"
              defaultChecked={traffic.mapCookieDomain}
              error={errors['traffic.mapCookieDomain']}
            />
          </div>
        </Disclosure>
        <Disclosure
          title="Headers"
          note={headersNote(traffic)}
          paths={['traffic.requestHeaders', 'traffic.responseHeaders']}
          errors={errors}
        >
          <p className="text-[0.8125rem] text-muted">
            Values are stored and shown as they are, so they are no place for secrets. What Foyer itself says about a
            person cannot be changed.
          </p>
          <HeaderEditFields
            legend="To the app"
            path="traffic.requestHeaders"
            edits={traffic.requestHeaders}
            errors={errors}
          />
          <HeaderEditFields
            legend="To the browser"
            path="traffic.responseHeaders"
            edits={traffic.responseHeaders}
            errors={errors}
          />
        </Disclosure>
        <TimeoutFields timeouts={traffic.timeouts} errors={errors} />
        <Disclosure
          title="At once"
          note={concurrencyNote(traffic.concurrency)}
          paths={['traffic.concurrency']}
          errors={errors}
        >
          {isPlaceFixed && <Fixed />}
          <fieldset disabled={isPlaceFixed} className="grid min-w-0 gap-4 sm:grid-cols-2">
            <Field
              label="Requests to the app"
              name="traffic.concurrency.app"
              inputMode="numeric"
              defaultValue={traffic.concurrency.app ?? ''}
              error={errors['traffic.concurrency.app']}
            />
            <Field
              label="Requests of one person"
              name="traffic.concurrency.person"
              inputMode="numeric"
              defaultValue={traffic.concurrency.person ?? ''}
              error={errors['traffic.concurrency.person']}
            />
          </fieldset>
          <p className="text-[0.8125rem] text-muted">
            More wait for a moment, then are asked to come again. Empty means the gateway’s own limit.
          </p>
        </Disclosure>
        <Disclosure
          title="Health check"
          note={healthNote(traffic.healthCheck)}
          paths={['traffic.healthCheck']}
          errors={errors}
        >
          <div className="grid gap-4 sm:grid-cols-[minmax(0,1fr)_9rem]">
            <Field
              label="Path to ask for"
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
              label="Every (seconds)"
              name="traffic.healthCheck.everyMs"
              inputMode="decimal"
              defaultValue={secondsOf(traffic.healthCheck?.everyMs ?? 10_000)}
              error={errors['traffic.healthCheck.everyMs']}
            />
          </div>
          <p className="text-[0.8125rem] text-muted">
            Asked of every address; one that answers with an error is left out until it is well. Without a path, real
            requests decide.
          </p>
        </Disclosure>
      </DisclosureList>
    </>
  );
}

function Fixed() {
  return <p className="text-sm text-muted">This is for an administrator to change.</p>;
}

function MaintenanceFields({ maintenance, errors }: { maintenance: string | null; errors: Record<string, string> }) {
  const [isClosed, setClosed] = useState(maintenance !== null);
  return (
    <div className="grid gap-3">
      <CheckField
        label="Closed for maintenance"
        name="traffic.maintenance.on"
        hint="Whoever may open the app reads your text in its place. It stays in the launcher."
        checked={isClosed}
        onChange={(event) => setClosed(event.target.checked)}
      />
      {isClosed && (
        <AreaField
          label="What people read meanwhile"
          name="traffic.maintenance"
          rows={3}
          defaultValue={maintenance ?? ''}
          placeholder="We are moving the wiki to a new server. Back at 14:00."
          error={errors['traffic.maintenance']}
        />
      )}
    </div>
  );
}

function TimeoutFields({ timeouts, errors }: { timeouts: Traffic['timeouts']; errors: Record<string, string> }) {
  return (
    <Disclosure title="Timeouts" note={timeoutsNote(timeouts)} paths={['traffic.timeouts']} errors={errors}>
      <div className="grid gap-4 sm:grid-cols-3">
        {TIMEOUTS.map(({ key, label }) => (
          <Field
            key={key}
            label={label}
            name={`traffic.timeouts.${key}`}
            inputMode="decimal"
            defaultValue={secondsOf(timeouts[key])}
            error={errors[`traffic.timeouts.${key}`]}
          />
        ))}
      </div>
      <p className="text-[0.8125rem] text-muted">
        In seconds; empty means the gateway’s own. Live streams may stay silent as long as they like.
      </p>
    </Disclosure>
  );
}

const TIMEOUTS = [
  { key: 'connect', label: 'To connect' },
  { key: 'headers', label: 'To begin an answer' },
  { key: 'idle', label: 'Silence within it' },
] as const;
