// Is this app in my launcher? For everything that names one: what is not there does not exist for this person.
import { isInLauncher } from '#server/core/launcher.ts';
import type { Store } from '#server/store/handle.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { NOT_FOUND, type PersonActor, type Saved } from '#server/store/saved.ts';
import { type ActionResult, act } from '../admin/act.ts';
import { currentSession } from '../session/current.ts';

export async function actOnOwnApp(
  appId: unknown,
  work: (store: Store, actor: PersonActor, appId: string) => Promise<Saved<object>>,
): Promise<ActionResult<object>> {
  const id = String(appId);
  return act<object>(async (store, actor) => {
    const session = await currentSession();
    const isOwn = session !== null && isInLauncher(portalContext().snapshot(), session.identity, id);
    return isOwn ? work(store, actor, id) : NOT_FOUND;
  });
}
