import { useState } from 'react';
import type { WireBytes } from '../../../../../shared/bytes.ts';
import type { CodecId } from '../../../../../shared/decode/codecs.ts';
import { useSetting } from '../../../../lib/settings.ts';
import { useKeysPlace } from '../../keys-context.ts';
import { useKeySettings } from '../../use-key-settings.ts';
import { areRules, patternLabel, patternsFor, ruleFor, withoutRule, withRule, type NamePattern, type NameRule } from './name-rules.ts';

/** A .proto text that was put in; `id` names it in rules. */
export interface ProtoFile {
  readonly id: string;
  readonly name: string;
  readonly source: string;
}

/** What is asked for: `null` leaves it to the host to find out. */
export interface Choice {
  readonly layers: readonly CodecId[] | null;
  readonly proto: { readonly id: string; readonly message: string } | null;
}

function areProtos(value: unknown): value is ProtoFile[] {
  return Array.isArray(value) && value.every((one: unknown) => typeof one === 'object' && one !== null && ['id', 'name', 'source'].every((key) => typeof (one as Record<string, unknown>)[key] === 'string'));
}

const auto: Choice = { layers: null, proto: null };

/** How this key's values are read: what was chosen now, else what is remembered for such names, else by themselves. */
export function useDecodeChoice(name: WireBytes, type: string) {
  const { workspaceId, db } = useKeysPlace();
  const { delimiters } = useKeySettings(workspaceId, db);
  const [rules, setRules] = useSetting<readonly NameRule[]>(`keys.decode.${workspaceId}.${db}`, [], areRules);
  const [protos, setProtos] = useSetting<readonly ProtoFile[]>(`keys.protos.${workspaceId}`, [], areProtos);
  const [asked, setAsked] = useState<Choice | null>(null);
  const rule = ruleFor(rules, name, type, delimiters);
  const choice: Choice = asked ?? (rule === null ? auto : { layers: rule.layers, proto: rule.proto });
  const file = choice.proto === null ? undefined : protos.find(({ id }) => id === choice.proto?.id);
  const label = (pattern: NamePattern) => patternLabel(pattern, delimiters[0] ?? ':');
  return {
    choice,
    /** Where the choice comes from. */
    source: asked !== null ? ('asked' as const) : rule === null ? ('auto' as const) : ('rule' as const),
    rule,
    ruleLabel: rule === null ? '' : label(rule.pattern),
    /** For the call; `null` also when the .proto is not there any more. */
    proto: choice.proto === null || file === undefined ? null : { source: file.source, message: choice.proto.message },
    protos,
    setProtos,
    choose: setAsked,
    patterns: patternsFor(name, delimiters).slice(0, 3).map((pattern) => ({ pattern, label: label(pattern) })),
    remember: (pattern: NamePattern, layers: readonly CodecId[], proto: Choice['proto']) => {
      setRules((before) => withRule(before, { pattern, type, layers, proto }));
      setAsked(null);
    },
    forget: () => {
      if (rule) setRules((before) => withoutRule(before, rule));
      setAsked(null);
    },
  };
}

export type DecodeChoice = ReturnType<typeof useDecodeChoice>;
