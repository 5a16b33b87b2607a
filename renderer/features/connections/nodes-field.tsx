import { Button, TextInput } from '@mantine/core';
import { IconPlus, IconX } from '@tabler/icons-react';
import { IconButton } from '../../ui/icon-button.tsx';
import type { FieldErrors, NodeForm } from './draft-form.ts';
import { NumberField } from './number-field.tsx';
import classes from './connection-editor.module.css';

interface NodesFieldProps {
  nodes: readonly NodeForm[];
  onChange: (nodes: readonly NodeForm[]) => void;
  /** `Host`, `Seed`, `Sentinel`. */
  word: string;
  many: boolean;
  port: number;
  errors: FieldErrors;
}

const most = 64;

/** `host:port` typed or pasted into the host goes to both fields. */
function withHost(node: NodeForm, text: string): NodeForm {
  const parts = /^\s*(\[[^\]]+\]|[^:\s]+):(\d{1,5})\s*$/.exec(text);
  if (parts === null) return { ...node, host: text };
  return { host: (parts[1] ?? '').replace(/^\[|\]$/g, ''), port: Number(parts[2]) };
}

/** The addresses of a Redis: one, or several for a cluster and for Sentinel. */
export function NodesField({ nodes, onChange, word, many, port, errors }: NodesFieldProps) {
  const shown = many ? nodes : nodes.slice(0, 1);
  const change = (at: number, node: NodeForm) => onChange(nodes.map((other, index) => (index === at ? node : other)));
  return (
    <>
      {shown.map((node, at) => {
        const number = many ? ` ${at + 1}` : '';
        return (
          <div key={at} className={classes['line']}>
            <TextInput
              className={classes['grow'] ?? ''}
              {...(at === 0 ? { label: word } : { 'aria-label': `${word}${number}` })}
              classNames={{ input: 'la-mono' }}
              spellCheck={false}
              placeholder="cache.example.com"
              value={node.host}
              error={errors.get(`redis.nodes.${at}.host`)}
              onChange={(event) => change(at, withHost(node, event.currentTarget.value))}
            />
            <NumberField
              label={at === 0 ? 'Port' : `Port${number}`}
              hideLabel={at > 0}
              value={node.port}
              placeholder={String(port)}
              error={errors.get(`redis.nodes.${at}.port`)}
              onChange={(value) => change(at, { ...node, port: value })}
            />
            {many && shown.length > 1 && (
              <div style={{ alignSelf: at === 0 ? 'end' : 'start' }}>
                <IconButton label={`Remove ${word.toLowerCase()}${number}`} icon={<IconX size={14} />} onClick={() => onChange(nodes.filter((_, index) => index !== at))} />
              </div>
            )}
          </div>
        );
      })}
      {many && shown.length < most && (
        <div>
          <Button variant="subtle" leftSection={<IconPlus size={14} />} onClick={() => onChange([...nodes, { host: '', port }])}>
            Add {word.toLowerCase()}
          </Button>
        </div>
      )}
    </>
  );
}
