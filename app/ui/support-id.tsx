// The id that leads an administrator to the log line of this request.

export function SupportId({ id }: { id: string | null }) {
  if (!id) return null;
  return (
    <p className="notice-support">
      Support id <code>{id}</code>
    </p>
  );
}
