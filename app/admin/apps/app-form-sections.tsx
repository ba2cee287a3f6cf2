// The sections of the app editor. Each part of the form can begin anew by itself, when somebody else's value of it is taken over.
'use client';
import { useTranslations } from 'next-intl';
import { useMemo } from 'react';
import { IDENTITY_HEADER_FAMILIES, PLAIN_TRAFFIC } from '#server/core/app.ts';
import type { Assignment } from '#server/core/policy.ts';
import { AreaField, CheckField, Field, SelectField } from '../../ui/field.tsx';
import { ListInput } from '../form/list-input.tsx';
import type { AppChoices } from './app-choices.ts';
import type { FormApp } from './app-form.tsx';
import { AssignmentPicker } from './assignment-picker.tsx';
import type { Unit } from './form-units.ts';
import { LookFields } from './look-fields.tsx';
import { SectionIndex, StackedSection } from './section-index.tsx';
import { SiteField } from './site-field.tsx';
import { TrafficFields } from './traffic-fields.tsx';
import { UpstreamFields } from './upstream-fields.tsx';

const SECTIONS = ['app', 'hosts', 'upstream', 'identity', 'traffic', 'who'] as const;

export function AppFormSections(props: {
  app: FormApp | undefined;
  ownerUserId: string | null;
  versions: Readonly<Record<Unit, number>>;
  assignments: readonly Assignment[];
  onAssign(assignments: readonly Assignment[]): void;
  choices: AppChoices;
  categories: readonly string[];
  isPlaceFixed: boolean | undefined;
  /** The upstream's origin, when a header that named it has followed it. */
  followed: string | null;
  errors: Record<string, string>;
}) {
  const { app, choices, errors, isPlaceFixed, versions } = props;
  const t = useTranslations('apps.form');
  const sections = useMemo(() => SECTIONS.map((id) => ({ id, title: t(`section.${id}.title`) })), [t]);
  const section = (id: (typeof SECTIONS)[number]) => ({
    id,
    title: t(`section.${id}.title`),
    about: t(`section.${id}.about`),
  });
  const key = (unit: Unit) => `${unit} ${versions[unit]}`;
  return (
    <div className="gap-10 xl:grid xl:grid-cols-[10rem_minmax(0,1fr)]">
      <SectionIndex label={t('sections')} sections={sections} />
      <div className="min-w-0">
        <StackedSection {...section('app')}>
          <Field
            key={key('name')}
            label={t('name')}
            name="name"
            required
            maxLength={80}
            defaultValue={app?.name}
            error={errors.name}
          />
          <AreaField
            key={key('description')}
            label={t('description')}
            name="description"
            rows={2}
            optional
            defaultValue={app?.description}
            error={errors.description}
          />
          <LookFields app={app} errors={errors} categories={props.categories} versions={versions} />
          <CheckField
            key={key('showInLauncher')}
            label={t('showInLauncher')}
            name="showInLauncher"
            defaultChecked={app?.showInLauncher ?? true}
          />
          <CheckField
            key={key('enabled')}
            label={t('enabled')}
            name="enabled"
            hint={t('enabledHint')}
            defaultChecked={app?.enabled ?? true}
          />
        </StackedSection>
        <StackedSection {...section('hosts')}>
          <fieldset disabled={isPlaceFixed} className="min-w-0">
            <ListInput
              key={key('hosts')}
              label={t('hosts')}
              name="hosts"
              initial={app?.hosts ?? []}
              addLabel={t('addHost')}
              placeholder="wiki.corp.example"
              errors={errors}
            />
          </fieldset>
          {choices.target && (
            <p className="text-[0.8125rem] text-muted">
              {t('hostsRecord')} <code className="break-all">name. CNAME {choices.target}.</code>
            </p>
          )}
        </StackedSection>
        <StackedSection {...section('upstream')}>
          {isPlaceFixed && <p className="text-sm text-muted">{t('placeFixed')}</p>}
          <fieldset disabled={isPlaceFixed} className="grid min-w-0 gap-5">
            <SiteField key={key('siteId')} sites={choices.sites} siteId={app?.siteId} error={errors.siteId} />
            <UpstreamFields key={key('upstream')} path="upstream" upstream={app?.upstream} errors={errors} />
            <p role="status" className="text-sm text-muted empty:hidden">
              {props.followed && t('followed', { origin: props.followed })}
            </p>
          </fieldset>
        </StackedSection>
        <StackedSection {...section('identity')}>
          <fieldset key={key('identityHeaders')}>
            <legend className="mb-1 text-sm font-medium">{t('plainHeaders')}</legend>
            {IDENTITY_HEADER_FAMILIES.map((family) => (
              <CheckField
                key={family}
                label={FAMILY_NAMES[family]}
                name="identityHeaders"
                value={family}
                defaultChecked={app?.identityHeaders.includes(family)}
              />
            ))}
          </fieldset>
          <SelectField
            key={key('maxSessionMs')}
            label={t('longestSession')}
            name="maxSession"
            defaultValue={String(app?.maxSessionMs ?? '')}
            error={errors.maxSessionMs}
            hint={t('longestSessionHint')}
          >
            <option value="">{t('asSignIn')}</option>
            {sessionChoices(app?.maxSessionMs ?? null).map((ms) => (
              <option key={ms} value={ms}>
                {ms % HOUR_MS === 0 ? t('hours', { count: ms / HOUR_MS }) : t('minutes', { count: ms / 60_000 })}
              </option>
            ))}
          </SelectField>
        </StackedSection>
        <StackedSection {...section('traffic')}>
          <TrafficFields
            traffic={app?.traffic ?? { ...PLAIN_TRAFFIC, routes: [] }}
            versions={versions}
            isPlaceFixed={isPlaceFixed}
            errors={errors}
          />
        </StackedSection>
        <StackedSection {...section('who')}>
          <AssignmentPicker value={props.assignments} onChange={props.onAssign} choices={choices} errors={errors} />
          {choices.users.length > 0 && (
            <SelectField
              key={key('ownerUserId')}
              label={t('owner')}
              name="ownerUserId"
              optional
              defaultValue={props.ownerUserId ?? ''}
              error={errors.ownerUserId}
              hint={t('ownerHint')}
            >
              <option value="">{t('noOwner')}</option>
              {choices.users.map((user) => (
                <option key={user.id} value={user.id}>
                  {user.name} ({user.note})
                </option>
              ))}
            </SelectField>
          )}
        </StackedSection>
      </div>
    </div>
  );
}

const FAMILY_NAMES = {
  remote: 'Remote-User, Remote-Email, Remote-Name, Remote-Groups',
  'x-forwarded': 'X-Forwarded-User, X-Forwarded-Email, …',
  'x-auth-request': 'X-Auth-Request-User, X-Auth-Request-Email, …',
} as const;

const HOUR_MS = 3_600_000;
const HOURS = [1, 2, 4, 8, 12, 24];

/** In milliseconds; one that is set by other means stays a choice. */
function sessionChoices(current: number | null): number[] {
  const choices = HOURS.map((each) => each * HOUR_MS);
  return current === null || choices.includes(current) ? choices : [...choices, current];
}
