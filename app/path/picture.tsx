// The way as a picture: nodes on a line from the browser to the app, in three zones. Wide screens only; the list below says it all again.
'use client';
import { useDuration, useWayText } from './path-texts.ts';
import { LINE_INK, NodeMark, type NodeName, type NodeState, STATE_INK } from './step-look.tsx';

export type PathNode = { name: NodeName; state: NodeState; tookMs: number | null };
export type Zone = { title: string; nodes: readonly PathNode[] };

export function Picture({ zones }: { zones: readonly Zone[] }) {
  const t = useWayText();
  const all = zones.flatMap(({ nodes }) => nodes);
  return (
    <div className="card mb-6 hidden overflow-hidden lg:block">
      <ol aria-label={t('picture')} className="flex">
        {zones.map(({ nodes, title }, at) => (
          <li
            key={title}
            className={`min-w-0 ${GROW[nodes.length] ?? 'grow'} ${at > 0 ? 'border-s border-line' : ''} ${at === 1 ? 'bg-sunken/60' : ''}`}
          >
            <p className="truncate px-3 pt-3 text-xs font-medium text-muted">{title}</p>
            <ol className="flex pt-4 pb-4">
              {nodes.map((node) => (
                <Node
                  key={node.name}
                  node={node}
                  before={all[all.indexOf(node) - 1] ?? null}
                  isLast={node === all.at(-1)}
                />
              ))}
            </ol>
          </li>
        ))}
      </ol>
    </div>
  );
}

/** A zone is as wide as it has nodes. */
const GROW: Record<number, string> = { 1: 'flex-1', 2: 'flex-2', 3: 'flex-3', 4: 'flex-4' };

function Node(props: { node: PathNode; before: PathNode | null; isLast: boolean }) {
  const { before, isLast } = props;
  const { name, state, tookMs } = props.node;
  const t = useWayText();
  const duration = useDuration();
  const line = 'absolute top-[1.3125rem] border-t-2';
  return (
    <li className="relative flex min-w-0 flex-1 flex-col items-center text-center">
      {before && <span aria-hidden className={`${line} start-0 end-1/2 ${LINE_INK[before.state]}`} />}
      {!isLast && <span aria-hidden className={`${line} start-1/2 end-0 ${LINE_INK[state]}`} />}
      <a
        href={`#step-${name}`}
        className="group relative flex flex-col items-center rounded-lg px-1 no-underline"
        data-state={state}
      >
        <NodeMark name={name} state={state} />
        <span className="mt-2 text-[0.8125rem] leading-tight font-medium text-balance group-hover:underline">
          {t(`nodes.${name}`)}
        </span>
        <span className={`mt-0.5 text-xs leading-tight ${STATE_INK[state]}`}>
          {name === 'browser' ? '' : t(`states.${state}`)}
        </span>
      </a>
      <span className="mt-0.5 text-xs text-muted tabular-nums">{tookMs === null ? '\u00a0' : duration(tookMs)}</span>
    </li>
  );
}
