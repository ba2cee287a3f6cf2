// What people get in place of an app that is closed for maintenance: its owner's text, with 503.
import { FAULTS } from '#server/core/fault.ts';
import type { Portal } from '#server/core/snapshot.ts';
import type { Exchange, Outcome } from './exchange.ts';
import { requestKind } from './request-kind.ts';
import { isForPeople, replyPage, replyProblem, textsFor } from './respond.ts';

/** Nobody knows when it ends, and a program that asks sooner learns nothing (RFC 9110 §10.2.3). */
export const MAINTENANCE_RETRY_SECONDS = 120;

/** `text` is the app's own: only for somebody who may open the app, so after the decision, never before it. */
export function replyMaintenance(exchange: Exchange, outcome: Outcome, text: string, portal: Portal): void {
  const { status } = FAULTS.maintenance;
  const texts = textsFor(exchange);
  const { title } = texts.faults.maintenance;
  outcome.reason = 'maintenance';
  const headers = ['Retry-After', String(MAINTENANCE_RETRY_SECONDS)];
  if (!isForPeople(requestKind(exchange.method, exchange.headers))) {
    replyProblem(exchange, outcome, status, 'maintenance', title, text, headers);
    return;
  }
  const page = {
    title,
    paragraphs: text.split(/\r?\n/).filter((line) => line.trim() !== ''),
    actions: [{ label: texts.pages.toApps, href: `${portal.origin}/` }],
    supportId: exchange.supportId,
  };
  replyPage(exchange, outcome, status, page, portal, headers);
}
