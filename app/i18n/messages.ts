// Every text of the portal's pages, by language and namespace. English decides which keys there are; a test holds German to them.
import type { Language } from '#server/core/language.ts';
import deAccount from './messages/de/account.json';
import deApps from './messages/de/apps.json';
import deAudit from './messages/de/audit.json';
import deCollections from './messages/de/collections.json';
import deCommon from './messages/de/common.json';
import deDashboard from './messages/de/dashboard.json';
import deDevice from './messages/de/device.json';
import deDiagnosis from './messages/de/diagnosis.json';
import deGateways from './messages/de/gateways.json';
import deLauncher from './messages/de/launcher.json';
import deMachines from './messages/de/machines.json';
import deNames from './messages/de/names.json';
import deNotices from './messages/de/notices.json';
import deOffline from './messages/de/offline.json';
import deOpen from './messages/de/open.json';
import dePath from './messages/de/path.json';
import dePeople from './messages/de/people.json';
import deProblems from './messages/de/problems.json';
import deProviders from './messages/de/providers.json';
import deSessions from './messages/de/sessions.json';
import deSettings from './messages/de/settings.json';
import deSetup from './messages/de/setup.json';
import deShell from './messages/de/shell.json';
import deSignIn from './messages/de/signIn.json';
import deSites from './messages/de/sites.json';
import deTokens from './messages/de/tokens.json';
import deWay from './messages/de/way.json';
import enAccount from './messages/en/account.json';
import enApps from './messages/en/apps.json';
import enAudit from './messages/en/audit.json';
import enCollections from './messages/en/collections.json';
import enCommon from './messages/en/common.json';
import enDashboard from './messages/en/dashboard.json';
import enDevice from './messages/en/device.json';
import enDiagnosis from './messages/en/diagnosis.json';
import enGateways from './messages/en/gateways.json';
import enLauncher from './messages/en/launcher.json';
import enMachines from './messages/en/machines.json';
import enNames from './messages/en/names.json';
import enNotices from './messages/en/notices.json';
import enOffline from './messages/en/offline.json';
import enOpen from './messages/en/open.json';
import enPath from './messages/en/path.json';
import enPeople from './messages/en/people.json';
import enProblems from './messages/en/problems.json';
import enProviders from './messages/en/providers.json';
import enSessions from './messages/en/sessions.json';
import enSettings from './messages/en/settings.json';
import enSetup from './messages/en/setup.json';
import enShell from './messages/en/shell.json';
import enSignIn from './messages/en/signIn.json';
import enSites from './messages/en/sites.json';
import enTokens from './messages/en/tokens.json';
import enWay from './messages/en/way.json';

const de = {
  account: deAccount,
  apps: deApps,
  audit: deAudit,
  collections: deCollections,
  common: deCommon,
  dashboard: deDashboard,
  device: deDevice,
  diagnosis: deDiagnosis,
  gateways: deGateways,
  launcher: deLauncher,
  machines: deMachines,
  names: deNames,
  notices: deNotices,
  offline: deOffline,
  open: deOpen,
  path: dePath,
  people: dePeople,
  problems: deProblems,
  providers: deProviders,
  sessions: deSessions,
  settings: deSettings,
  setup: deSetup,
  shell: deShell,
  signIn: deSignIn,
  sites: deSites,
  tokens: deTokens,
  way: deWay,
};

const en = {
  account: enAccount,
  apps: enApps,
  audit: enAudit,
  collections: enCollections,
  common: enCommon,
  dashboard: enDashboard,
  device: enDevice,
  diagnosis: enDiagnosis,
  gateways: enGateways,
  launcher: enLauncher,
  machines: enMachines,
  names: enNames,
  notices: enNotices,
  offline: enOffline,
  open: enOpen,
  path: enPath,
  people: enPeople,
  problems: enProblems,
  providers: enProviders,
  sessions: enSessions,
  settings: enSettings,
  setup: enSetup,
  shell: enShell,
  signIn: enSignIn,
  sites: enSites,
  tokens: enTokens,
  way: enWay,
};

export type Messages = typeof en;
export type Namespace = keyof Messages;

/** German is held to the keys of English by messages.test.ts: here it is read as if it had them. */
export const MESSAGES: Record<Language, Messages> = { en, de: de as unknown as Messages };
