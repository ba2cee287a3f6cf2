// What else an audit line knows, as text.
import type { AuditRecord } from '#server/store/audit.ts';

export function AuditDetail({ event }: { event: AuditRecord }) {
  const facts = Object.entries(event.detail).map(([name, value]) => [name, asText(value)] as const);
  return (
    <>
      {event.address && <div>from {event.address}</div>}
      {facts.map(([name, value]) => (
        <div key={name} className="break-words">
          {name}: {value}
        </div>
      ))}
      {event.supportId && (
        <div>
          support id <code className="text-[0.8125rem] break-all">{event.supportId}</code>
        </div>
      )}
    </>
  );
}

function asText(value: unknown): string {
  if (Array.isArray(value)) return value.map(asText).join(', ');
  return typeof value === 'string' ? value : JSON.stringify(value);
}
