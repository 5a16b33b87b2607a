import { Button, Menu } from '@mantine/core';
import { IconCheck, IconChevronDown } from '@tabler/icons-react';
import type { DecodedValue } from '../../../../../shared/contract/decode.ts';
import { codecIds, codecWords, type CodecId } from '../../../../../shared/decode/codecs.ts';
import { Tip } from '../../../../ui/tip.tsx';
import { chainConfidence, chainWords, plainWords, shareWords } from './chain-words.ts';
import type { DecodeChoice } from './use-decode-choice.ts';
import classes from './decoded.module.css';

interface DecodeMenuProps {
  value: DecodedValue;
  decode: DecodeChoice;
  onProto: () => void;
}

/** Alternatives offered; the others are under their format. */
const mostAlternatives = 5;
const groups = [
  { title: 'Compression and text forms', codecs: codecIds.filter((codec) => codecWords[codec].gives === 'bytes') },
  { title: 'Serialization', codecs: codecIds.filter((codec) => codecWords[codec].gives === 'tree' && codec !== 'dotnet') },
  { title: 'Numbers, times and identifiers', codecs: codecIds.filter((codec) => codecWords[codec].gives === 'reading') },
];

function choiceWords(value: DecodedValue, decode: DecodeChoice): string {
  const { layers } = value;
  const tried = value.failed?.codec ?? null;
  const found = layers.length > 0 ? chainWords(layers.map(({ codec }) => codec)) : tried === null ? plainWords(value) : '';
  const chain = [found, ...(tried === null ? [] : [`${codecWords[tried].label} fails`])].filter((text) => text !== '').join(' › ');
  if (decode.source === 'rule') return `${decode.ruleLabel}: ${chain}`;
  if (decode.source === 'asked' && decode.choice.layers !== null) return `Chosen: ${chain}`;
  return layers.length > 0 ? `Auto: ${chain} (${shareWords(chainConfidence(value))})` : `Auto: ${chain}`;
}

/** How the value is read, why, and what else it could be. */
export function DecodeMenu({ value, decode, onProto }: DecodeMenuProps) {
  const { layers, alternatives } = value;
  const codecs = layers.map(({ codec }) => codec);
  const words = choiceWords(value, decode);
  const unwrapped = layers.filter(({ bytesOut }) => bytesOut !== null).map(({ codec }) => codec);
  const use = (chain: readonly CodecId[] | null) => decode.choose({ layers: chain, proto: null });
  const reasons = layers.map(({ codec, reason }) => `${codecWords[codec].label}: ${reason}.`);
  const check = (on: boolean) => (on ? <IconCheck size={14} aria-label="in use" /> : <span className={classes['noCheck']} />);
  return (
    <Menu position="bottom-start" width={420}>
      <Tip label={reasons.length > 0 ? reasons.map((reason) => <div key={reason}>{reason}</div>) : 'Nothing else was recognised in the bytes.'}>
        <Menu.Target>
          <Button variant="subtle" color="gray" className={classes['chooser'] ?? ''} rightSection={<IconChevronDown size={12} />} aria-label={`Read as: ${words}`}>
            <span className="la-cut">{words}</span>
          </Button>
        </Menu.Target>
      </Tip>
      <Menu.Dropdown>
        <Menu.Item leftSection={check(decode.choice.layers === null)} onClick={() => use(null)}>
          Find out automatically
        </Menu.Item>
        <Menu.Item leftSection={check(decode.choice.layers?.length === 0)} onClick={() => use([])}>
          Bytes as they are
        </Menu.Item>
        {layers.length > 0 && <Menu.Label>Why</Menu.Label>}
        {layers.map(({ codec, confidence, reason }, at) => (
          <div key={at} className={classes['why']}>
            <span>{codecWords[codec].label}</span>
            <span className="la-number">{shareWords(confidence)}</span>
            <span className={classes['whyReason']}>{reason}</span>
          </div>
        ))}
        {alternatives.length > 0 && <Menu.Label>It could also be</Menu.Label>}
        {alternatives.slice(0, mostAlternatives).map((one) => (
          <Menu.Item key={one.codecs.join()} leftSection={check(false)} rightSection={<span className="la-number">{shareWords(one.confidence)}</span>} onClick={() => use(one.codecs)}>
            {chainWords(one.codecs)}
            <span className={classes['reason']}>{one.reason}</span>
          </Menu.Item>
        ))}
        {decode.patterns.length > 0 && <Menu.Label>Remember</Menu.Label>}
        {decode.patterns.map(({ pattern, label }) => (
          <Menu.Item key={label} leftSection={check(decode.source === 'rule' && decode.ruleLabel === label)} onClick={() => decode.remember(pattern, decode.choice.layers ?? codecs, decode.choice.proto)}>
            Always {codecs.length > 0 ? chainWords(codecs) : 'the bytes as they are'} for <span className="la-mono">{label}</span>
          </Menu.Item>
        ))}
        {decode.rule && (
          <Menu.Item leftSection={check(false)} onClick={decode.forget}>
            Forget what is remembered for <span className="la-mono">{decode.ruleLabel}</span>
          </Menu.Item>
        )}
        <Menu.Label>{unwrapped.length > 0 ? `Read what ${chainWords(unwrapped)} gives as` : 'Read as'}</Menu.Label>
        {groups.map(({ title, codecs: ids }) => (
          <Menu.Sub key={title} position="right-start">
            <Menu.Sub.Target>
              <Menu.Sub.Item leftSection={check(false)}>{title}</Menu.Sub.Item>
            </Menu.Sub.Target>
            <Menu.Sub.Dropdown>
              {ids.map((codec) => (
                <Menu.Item key={codec} onClick={() => use([...unwrapped, codec])}>
                  {codecWords[codec].label}
                </Menu.Item>
              ))}
            </Menu.Sub.Dropdown>
          </Menu.Sub>
        ))}
        <Menu.Item leftSection={check(decode.choice.proto !== null)} onClick={onProto}>
          Protocol Buffers with a .proto…
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
