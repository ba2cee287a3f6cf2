// How a step looks: an icon of its own, and its state as colour, mark and word.
import {
  AppWindow,
  Check,
  CircleDashed,
  CircleHelp,
  DoorOpen,
  Fingerprint,
  Globe,
  LayoutGrid,
  type LucideIcon,
  Minus,
  Network,
  PlugZap,
  Reply,
  ScrollText,
  ShieldCheck,
  TriangleAlert,
  UserRoundCheck,
  X,
} from 'lucide-react';
import type { PathStepName, StepState } from '#server/core/path.ts';

export type NodeName = 'browser' | PathStepName | 'private';
/** `waiting`: being looked at. `cut`: an earlier step ended the way. */
export type NodeState = StepState | 'waiting' | 'cut';

const NODE_ICONS: Record<NodeName, LucideIcon> = {
  browser: AppWindow,
  'public-dns': Globe,
  'gateway-address': DoorOpen,
  certificate: ScrollText,
  'sign-in': Fingerprint,
  policy: UserRoundCheck,
  'private-dns': Network,
  connect: PlugZap,
  tls: ShieldCheck,
  answer: Reply,
  private: LayoutGrid,
};

const MARKS: Record<NodeState, LucideIcon> = {
  good: Check,
  warning: TriangleAlert,
  bad: X,
  skipped: Minus,
  cut: CircleHelp,
  waiting: CircleDashed,
};

const RING: Record<NodeState, string> = {
  good: 'border-ok bg-ok-soft text-ok',
  warning: 'border-warn bg-warn-soft text-warn',
  bad: 'border-danger bg-danger-soft text-danger',
  skipped: 'border-strong bg-surface text-muted',
  cut: 'border-dashed border-strong bg-surface text-muted',
  waiting: 'border-dashed border-strong bg-surface text-muted',
};

const MARK_INK: Record<NodeState, string> = {
  good: 'bg-ok text-surface',
  warning: 'bg-warn text-surface',
  bad: 'bg-danger text-surface',
  skipped: 'bg-muted text-surface',
  cut: 'bg-muted text-surface',
  waiting: 'bg-muted text-surface',
};

export const STATE_INK: Record<NodeState, string> = {
  good: 'text-ok',
  warning: 'text-warn',
  bad: 'text-danger',
  skipped: 'text-muted',
  cut: 'text-muted',
  waiting: 'text-muted',
};

/** The line that leads on from a step. */
export const LINE_INK: Record<NodeState, string> = {
  good: 'border-ok',
  warning: 'border-warn',
  bad: 'border-strong border-dashed',
  skipped: 'border-strong',
  cut: 'border-strong border-dashed',
  waiting: 'border-strong border-dashed',
};

export function NodeMark({ name, state }: { name: NodeName; state: NodeState }) {
  const Icon = NODE_ICONS[name];
  const Mark = MARKS[state];
  return (
    <span
      aria-hidden
      className={`relative grid size-11 flex-none place-items-center rounded-full border-2 ${RING[state]}`}
    >
      <Icon size={20} />
      {name !== 'browser' && (
        <span
          className={`absolute -end-1.5 -bottom-1 grid size-[1.125rem] place-items-center rounded-full ring-2 ring-surface ${MARK_INK[state]}`}
        >
          <Mark
            size={11}
            strokeWidth={3}
            className={state === 'waiting' ? 'animate-spin motion-reduce:animate-none' : ''}
          />
        </span>
      )}
    </span>
  );
}
