// The app editor. Every mistake stands beside its field, and nothing that was typed is lost by one.
'use client';
import { type FormEvent, useState } from 'react';
import { PLAIN_TRAFFIC } from '#server/core/app.ts';
import type { Assignment } from '#server/core/policy.ts';
import { ConfirmButton } from '../../ui/confirm-button.tsx';
import { AreaField, CheckField, Field, SelectField } from '../../ui/field.tsx';
import { FormProblem, SaveBar, Section } from '../form/form-parts.tsx';
import { ListInput } from '../form/list-input.tsx';
import { useSave } from '../form/use-save.ts';
import { deleteAppAction, saveAppAction } from './actions.ts';
import type { AppChoices } from './app-choices.ts';
import { readAppForm } from './app-form-values.ts';
import { AssignmentPicker } from './assignment-picker.tsx';
import type { ShownApp } from './shown-app.ts';
import { withFixedPlace } from './shown-app-input.ts';
import { SiteField } from './site-field.tsx';
import { TrafficFields } from './traffic-fields.tsx';
import { UpstreamFields } from './upstream-fields.tsx';

export type EditedApp = {
  app: ShownApp;
  assignments: readonly Assignment[];
  ownerUserId: string | null;
  updatedAt: number;
};

const KNOWN = [
  'name',
  'description',
  'hosts',
  'siteId',
  'upstream',
  'identityHeaders',
  'maxSessionMs',
  'traffic',
  'ownerUserId',
  'assignments',
];

/** `isPlaceFixed`: site, upstream and names are shown but not this person's to change. */
export function AppForm(props: {
  app: EditedApp | null;
  choices: AppChoices;
  isReadOnly?: boolean;
  isPlaceFixed?: boolean;
}) {
  const { app: edited, choices } = props;
  const app = edited?.app;
  const save = useSave(edited?.updatedAt);
  const { errors } = save;
  const [id, setId] = useState(app?.id ?? null);
  const [assignments, setAssignments] = useState<readonly Assignment[]>(edited?.assignments ?? []);

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const typed = readAppForm(new FormData(event.currentTarget));
    // A form leaves out what is disabled.
    const input = props.isPlaceFixed && app ? withFixedPlace(typed, app) : typed;
    const sending = saveAppAction(id, input, assignments, save.openedAt).then((result) => {
      // The app may exist although its assignments were refused: the next save must not create it twice.
      if (result.appId) setId(result.appId);
      return result;
    });
    save.send(sending, (saved: { id: string }) => (app ? null : `/admin/apps/${saved.id}`));
  }

  return (
    <form onSubmit={onSubmit} noValidate>
      <FormProblem save={save} known={KNOWN} />
      <fieldset disabled={props.isReadOnly} className="min-w-0">
        <Section title="App" about="What people see in their launcher.">
          <Field label="Name" name="name" required maxLength={80} defaultValue={app?.name} error={errors.name} />
          <AreaField
            label="Description"
            name="description"
            rows={2}
            optional
            defaultValue={app?.description}
            error={errors.description}
          />
          <CheckField label="Show in launcher" name="showInLauncher" defaultChecked={app?.showInLauncher ?? true} />
          <CheckField
            label="Enabled"
            name="enabled"
            hint="Switched off, nobody can open it, and open connections end within a second."
            defaultChecked={app?.enabled ?? true}
          />
        </Section>
        <Section
          title="Public names"
          about="The ordinary names that people type. The first one is what the launcher opens."
        >
          <fieldset disabled={props.isPlaceFixed} className="min-w-0">
            <ListInput
              label="Host names"
              name="hosts"
              initial={app?.hosts ?? []}
              addLabel="Add host name"
              placeholder="wiki.corp.example"
              errors={errors}
            />
          </fieldset>
          {choices.gatewayName && (
            <p className="text-[0.8125rem] text-muted">
              Each needs a public DNS record: <code className="break-all">name. CNAME {choices.gatewayName}.</code>
            </p>
          )}
        </Section>
        <Section title="Upstream" about="Where the app is, inside. Names are asked of the site’s own DNS servers.">
          {props.isPlaceFixed && (
            <p className="text-sm text-muted">
              Where the app is and what it is called is for an administrator to change.
            </p>
          )}
          <fieldset disabled={props.isPlaceFixed} className="grid min-w-0 gap-5">
            <SiteField sites={choices.sites} siteId={app?.siteId} error={errors.siteId} />
            <UpstreamFields path="upstream" upstream={app?.upstream} errors={errors} />
          </fieldset>
        </Section>
        <Section
          title="Identity"
          about="Every request carries a signed assertion of who is asking. Older apps read plain headers instead."
        >
          <fieldset>
            <legend className="mb-1 text-sm font-medium">Plain identity headers</legend>
            {HEADER_FAMILIES.map(({ family, names }) => (
              <CheckField
                key={family}
                label={names}
                name="identityHeaders"
                value={family}
                defaultChecked={app?.identityHeaders.includes(family)}
              />
            ))}
          </fieldset>
          <SelectField
            label="Longest session"
            name="maxSession"
            defaultValue={String(app?.maxSessionMs ?? '')}
            error={errors.maxSessionMs}
            hint="After this people sign in again to open the app."
          >
            {sessionChoices(app?.maxSessionMs ?? null).map(([value, label]) => (
              <option key={value} value={value}>
                {label}
              </option>
            ))}
          </SelectField>
        </Section>
        <Section title="Traffic" about="How requests and answers travel. Most apps need nothing here.">
          <TrafficFields
            traffic={app?.traffic ?? { ...PLAIN_TRAFFIC, routes: [] }}
            isPlaceFixed={props.isPlaceFixed}
            errors={errors}
          />
        </Section>
        <Section title="Who may open it" about="A change is live within a second, on open connections too.">
          <AssignmentPicker value={assignments} onChange={setAssignments} choices={choices} errors={errors} />
          {choices.users.length > 0 && (
            <SelectField
              label="Owner"
              name="ownerUserId"
              optional
              defaultValue={edited?.ownerUserId ?? ''}
              error={errors.ownerUserId}
              hint="A person with the role “app owner” may edit the apps they own."
            >
              <option value="">Nobody</option>
              {choices.users.map((user) => (
                <option key={user.id} value={user.id}>
                  {user.name} ({user.note})
                </option>
              ))}
            </SelectField>
          )}
        </Section>
      </fieldset>
      {!props.isReadOnly && (
        <SaveBar save={save} label={app ? 'Save' : 'Add app'} cancelHref="/admin/apps">
          {app && (
            <ConfirmButton
              label="Delete"
              title={`Delete ${app.name}?`}
              confirmLabel="Delete app"
              action={() => deleteAppAction(app.id)}
              doneHref="/admin/apps"
            >
              Its names stop working at once and open connections end. The audit keeps its history. This cannot be
              undone.
            </ConfirmButton>
          )}
        </SaveBar>
      )}
    </form>
  );
}

const HEADER_FAMILIES = [
  { family: 'remote', names: 'Remote-User, Remote-Email, Remote-Name, Remote-Groups' },
  { family: 'x-forwarded', names: 'X-Forwarded-User, X-Forwarded-Email, …' },
  { family: 'x-auth-request', names: 'X-Auth-Request-User, X-Auth-Request-Email, …' },
] as const;

const HOUR_MS = 3_600_000;

function sessionChoices(current: number | null): readonly (readonly [string, string])[] {
  const hours = [1, 2, 4, 8, 12, 24];
  const choices: (readonly [string, string])[] = hours.map((each) => [
    String(each * HOUR_MS),
    each === 1 ? '1 hour' : `${each} hours`,
  ]);
  const isOdd = current !== null && !choices.some(([value]) => value === String(current));
  return [
    ['', 'As long as the sign-in'],
    ...choices,
    ...(isOdd ? [[String(current), `${current / 60_000} minutes`] as const] : []),
  ];
}
