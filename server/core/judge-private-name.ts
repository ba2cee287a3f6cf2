// What is wrong with one internal name: what each of the site's DNS servers says of it, and whether everybody can read it in public DNS.
import type { PassedOverServer, PrivateNameFacts } from './names-facts.ts';
import { findingOf, type NamesCode, type NamesFinding } from './names-finding.ts';

/** `silent`: servers that answer nothing at all, which is said of them and not of every name. */
export function judgePrivateName(name: PrivateNameFacts, silent: ReadonlySet<string>): NamesFinding[] {
  const all = name.servers.filter(({ server }) => !silent.has(server));
  return [...answersOf(name, all), ...publicOf(name)];
}

/** Servers of a site that answered none of its names, and those that were passed over, whatever they were asked for. */
export function silentServers(
  names: readonly PrivateNameFacts[],
  passedOver: readonly PassedOverServer[],
): NamesFinding[] {
  const asked = names.flatMap(({ servers, site }) => servers.map((each) => ({ ...each, site })));
  const groups = Map.groupBy(asked, ({ server, site }) => `${site}\n${server}`);
  const silent = [...groups.values()].flatMap((answers) => {
    const [first] = answers;
    if (!first || answers.some(({ answer }) => !SILENT.includes(answer.outcome))) return [];
    const { answer, server, site } = first;
    return passedOver.some((each) => each.server === server && each.site === site)
      ? []
      : [
          serverSilent(
            { server, site },
            `The DNS server ${server} of ${site} does not answer (${answer.outcome}). Check that it runs, and that the gateway may ask it.`,
          ),
        ];
  });
  const passed = passedOver.flatMap(({ server, site }) =>
    site === null
      ? []
      : [
          serverSilent(
            { server, site },
            `The DNS server ${server} of ${site} does not answer, and after its first silences it was asked nothing more in this look. Check that it runs, and that the gateway may ask it.`,
          ),
        ],
  );
  return [...silent, ...passed];
}

function serverSilent({ server, site }: { server: string; site: string }, sentence: string): NamesFinding {
  return findingOf('private-server-silent', { name: server, by: site, isPrivate: true }, sentence);
}

const SILENT = ['timeout', 'unreachable', 'closed'];

type Answered = PrivateNameFacts['servers'];

function answersOf(name: PrivateNameFacts, servers: Answered): NamesFinding[] {
  const { appIds, appNames, host, site } = name;
  const found = (code: NamesCode, sentence: string, by = site) =>
    findingOf(code, { name: host, appIds, by, isPrivate: true }, sentence);
  if (name.servers.length === 0)
    return [found('private-no-servers', `${site} has no DNS server to ask for ${host}. Add one, or write an address.`)];
  if (servers.length === 0) return [];
  const good = servers.filter(({ answer }) => answer.outcome === 'addresses');
  const bad = servers.filter(({ answer }) => answer.outcome !== 'addresses');
  const [worst] = bad;
  if (good.length === 0) return worst ? [found(...whyNone(name, worst.answer.outcome))] : [];
  const fails = bad.map(({ answer, server }) =>
    found(
      'private-some-fail',
      `The DNS server ${server} of ${site} gives no address for ${host} (${answer.outcome}), and others do: the gateway finds ${appNames.join(', ')} only as long as they answer. Make them hold the same zone.`,
      `${site} ${server}`,
    ),
  );
  const said = good.map(({ answer, server }) => `${server} ${[...answer.addresses].sort().join(', ')}`);
  const isOne = new Set(good.map(({ answer }) => [...answer.addresses].sort().join())).size === 1;
  if (isOne) return fails;
  const sentence = `The DNS servers of ${site} do not agree on ${host}: ${said.join('; ')}. Make them hold the same zone.`;
  return [...fails, found('private-disagree', sentence)];
}

function whyNone({ appNames, host, site }: PrivateNameFacts, outcome: string): [NamesCode, string] {
  const apps = appNames.join(', ');
  switch (outcome) {
    case 'no-such-name':
      return [
        'private-missing',
        `Private DNS of ${site} does not know ${host}, where ${apps} should be. Correct the name, or create it there.`,
      ];
    case 'no-address':
      return ['private-no-address', `Private DNS of ${site} knows ${host}, but no address of it. Add one.`];
    case 'alias-loop':
      return ['private-loop', `The aliases of ${host} go round in circles in private DNS of ${site}. Correct them.`];
    case 'outside-zones':
      return [
        'private-outside-zones',
        `${host} is in none of the zones of ${site}, so nobody is asked for it. Add its zone to the site.`,
      ];
    default:
      return [
        'private-failed',
        `Private DNS of ${site} answers ${host} with an error (${outcome}). Look at the log of its servers.`,
      ];
  }
}

/** F7: an internal name that stands in public DNS tells everybody what is inside. */
function publicOf({ appIds, host, publicAddresses, site }: PrivateNameFacts): NamesFinding[] {
  if (publicAddresses === null || publicAddresses.length === 0) return [];
  return [
    findingOf(
      'private-public',
      { name: host, appIds, by: site, isPrivate: true },
      `The internal name ${host} is in public DNS too, with ${publicAddresses.join(', ')}: everybody can read it there. Remove it from the public zone.`,
    ),
  ];
}
