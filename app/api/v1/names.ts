// Names by the API: the records that apps need, their aliases, what the DNS doctor found, and having it look now.
import { publicTarget } from '#server/core/alias.ts';
import { cnameRecord, type DnsRecord, zoneLine } from '#server/core/names-finding.ts';
import { getApp } from '#server/store/apps.ts';
import { askForNamesCheck, readNamesReport } from '#server/store/name-findings.ts';
import { renewAlias } from '#server/store/renew-alias.ts';
import { type Reply, refusal } from './reply.ts';
import type { Call, Route } from './route-table.ts';

export const NAMES: readonly Route[] = [
  {
    ...{ method: 'GET', path: '/dns/findings', needs: ['apps.read'], tag: 'Names', summary: 'Read what is wrong' },
    description:
      'What the last look at all names found, each with the record that mends it where one does. What DNS says inside a site is ' +
      'there for a token with `sites:read`.',
    answers: { status: 200, schema: 'NamesReport' },
    run: report,
  },
  {
    ...{ method: 'POST', path: '/dns/check', needs: ['apps.place'], tag: 'Names', summary: 'Look at all names now' },
    description:
      'Answers when the look is over, at most 45 seconds later. One look at a time: whoever asks during one gets that one’s findings.',
    answers: { status: 200, schema: 'NamesReport' },
    run: async (call) => {
      const asked = await askForNamesCheck(call.context.store, call.actor);
      if (asked.kind !== 'saved') return refusal(asked);
      await call.context.checkNames();
      return report(call);
    },
  },
  {
    ...{
      method: 'GET',
      path: '/apps/{id}/records',
      needs: ['apps.read'],
      tag: 'Names',
      summary: 'Read an app’s records',
    },
    description:
      'The public DNS records that lead people to the app: CNAMEs of its alias where a zone of aliases is set, else of the gateway’s ' +
      'name. Empty where there is neither.',
    answers: { status: 200, schema: 'RecordList' },
    run: async ({ actor, context, params }) => {
      const found = await getApp(context.store, actor, params.id ?? '');
      if (found.kind !== 'found') return refusal(found);
      const { app } = found;
      const target = publicTarget(context.snapshot().aliases, app.id, context.gatewayName);
      const items = target === null ? [] : app.hosts.map((host) => shownRecord(cnameRecord(host, target)));
      return { kind: 'done', status: 200, body: { items } };
    },
  },
  {
    ...{
      method: 'POST',
      path: '/apps/{id}/alias',
      needs: ['apps.place'],
      tag: 'Names',
      summary: 'Give it a new alias',
    },
    description: 'The old one leads nowhere at once: change the app’s records right after.',
    answers: { status: 204 },
    run: async ({ actor, context, params }) => {
      const renewed = await renewAlias(context.store, actor, params.id ?? '');
      return renewed.kind === 'saved' ? { kind: 'nothing' } : refusal(renewed);
    },
  },
];

function shownRecord(record: DnsRecord) {
  return { ...record, line: zoneLine(record) };
}

async function report({ actor, context }: Call): Promise<Reply> {
  const found = await readNamesReport(context.store, actor);
  if (found.kind !== 'found') return refusal(found);
  const { checkedAt, isComplete, names } = found;
  const findings = found.findings.map(({ appIds, code, firstSeen, lastSeen, level, name, record, sentence }) => ({
    ...{ code, level, name, appIds, sentence, firstSeen, lastSeen },
    record: record && shownRecord(record),
  }));
  return { kind: 'done', status: 200, body: { checkedAt, names, isComplete, findings } };
}
