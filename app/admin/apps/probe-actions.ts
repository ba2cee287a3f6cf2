// What the guided publishing has looked at, live: a public name in DNS, an upstream in its private network.
'use server';
import type { PathStepOf } from '#server/core/path.ts';
import type { ProbeReport } from '#server/core/probe.ts';
import { portalContext } from '#server/store/portal-context.ts';
import { checkPublicHost, permitProbe } from '#server/store/probing.ts';
import { type ActionResult, act } from '../act.ts';

/** Whether the name is free, and where public DNS leads it now. */
export async function checkNameAction(host: unknown): Promise<ActionResult<{ step: PathStepOf<'public-dns'> }>> {
  return act(async (store, actor) => {
    const checked = await checkPublicHost(store, actor, host);
    if (checked.kind !== 'saved') return checked;
    return { kind: 'saved', step: await portalContext().checkPublicName(checked.host) };
  });
}

/** `input`: store/probing.ts. No report: others are being probed at the moment. */
export async function probeAction(input: unknown): Promise<ActionResult<{ report: ProbeReport | null }>> {
  return act(async (store, actor) => {
    const permitted = await permitProbe(store, actor, input);
    if (permitted.kind !== 'saved') return permitted;
    const ended = await portalContext().probe(permitted.request);
    return { kind: 'saved', report: ended.kind === 'probed' ? ended.report : null };
  });
}
