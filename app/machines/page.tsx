// One's own machines, how to add one, and the tokens that command lines sign in with.
import type { Metadata } from 'next';
import { redirect } from 'next/navigation';
import { getTranslations } from 'next-intl/server';
import { listLoginTokens } from '#server/store/login-tokens.ts';
import { listMachines } from '#server/store/machine-list.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { Texts } from '../i18n/texts.tsx';
import { currentActor, currentSession } from '../session/current.ts';
import { Shell } from '../shell/shell.tsx';
import { Empty } from '../ui/empty.tsx';
import { PageHead } from '../ui/page-head.tsx';
import { AddMachine } from './add-machine.tsx';
import { LoginTokenTable } from './login-token-table.tsx';
import { MachineTable } from './machine-table.tsx';

export async function generateMetadata(): Promise<Metadata> {
  return { title: (await getTranslations('machines'))('own') };
}

export default async function OwnMachinesPage() {
  const [session, actor] = await Promise.all([currentSession(), currentActor()]);
  if (!session || !actor) redirect('/sign-in');
  const { store, portal } = portalContext();
  const [machines, tokens, t] = await Promise.all([
    listMachines(store, actor, { ofOwner: actor.userId }),
    listLoginTokens(store, actor),
    getTranslations('machines'),
  ]);
  const rows = machines.kind === 'listed' ? machines.rows : [];
  return (
    <Texts of={['common', 'shell', 'launcher', 'account', 'problems', 'offline', 'machines']}>
      <Shell session={session} active="account">
        <main className="max-w-4xl">
          <PageHead title={t('own')} about={t('ownAbout')} />
          {rows.length === 0 ? (
            <Empty title={t('none')}>{t('noneAbout')}</Empty>
          ) : (
            <MachineTable machines={rows} showOwner={false} writable={actor.userId} />
          )}
          <AddMachine portalOrigin={portal.origin} />
          {tokens.length > 0 && <LoginTokenTable tokens={tokens} />}
        </main>
      </Shell>
    </Texts>
  );
}
