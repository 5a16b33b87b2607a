import { Button, Group, Modal, Select, Textarea, TextInput } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import type { CodecId } from '../../../../../shared/decode/codecs.ts';
import { useHost } from '../../../../lib/host.ts';
import { toProblem } from '../../../../lib/to-problem.ts';
import { ProblemView } from '../../../../ui/problem-view.tsx';
import { chainWords } from './chain-words.ts';
import type { DecodeChoice, ProtoFile } from './use-decode-choice.ts';

interface ProtoDialogProps {
  opened: boolean;
  onClose: () => void;
  decode: DecodeChoice;
  /** Layers in front of the message, which stay. */
  unwrapped: readonly CodecId[];
}

/** The setting that holds all files takes 200,000 characters as JSON, which would not be kept beyond. */
const longestSetting = 190_000;
const longestSource = 150_000;
const newFile = 'new';

/** Chooses the message of a .proto that values are read as; files are kept for the connection. */
export function ProtoDialog({ opened, onClose, decode, unwrapped }: ProtoDialogProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Read Protocol Buffers with a .proto" size={680}>
      {opened && <ProtoForm onClose={onClose} decode={decode} unwrapped={unwrapped} />}
    </Modal>
  );
}

function ProtoForm({ onClose, decode, unwrapped }: Omit<ProtoDialogProps, 'opened'>) {
  const { orpc } = useHost();
  const { protos, choice } = decode;
  const [fileId, setFileId] = useState(choice.proto?.id ?? protos[0]?.id ?? newFile);
  const kept = protos.find(({ id }) => id === fileId);
  const [name, setName] = useState(kept?.name ?? '');
  const [source, setSource] = useState(kept?.source ?? '');
  const [message, setMessage] = useState(choice.proto?.message ?? '');
  const [pattern, setPattern] = useState<string | null>(null);
  const [settled] = useDebouncedValue(source, 300);
  const parsed = useQuery(orpc.decode.protoMessages.queryOptions({ input: { source: settled }, enabled: settled.trim() !== '' && settled.length <= longestSource }));
  const messages = parsed.data?.messages ?? [];
  const chosen = messages.includes(message) ? message : (messages[0] ?? '');
  const others = protos.filter(({ id }) => id !== fileId);
  const tooLong = source.length > longestSource || JSON.stringify([...others, { name, source }]).length > longestSetting;
  const ready = chosen !== '' && settled === source && !tooLong;

  const select = (id: string) => {
    const file = protos.find((each) => each.id === id);
    setFileId(id);
    setName(file?.name ?? '');
    setSource(file?.source ?? '');
  };
  const remove = () => {
    decode.setProtos(others);
    select(others[0]?.id ?? newFile);
  };
  const load = async (file: File | undefined) => {
    if (file === undefined) return;
    setName(file.name);
    setSource(await file.text());
  };
  const submit = () => {
    const id = kept?.id ?? crypto.randomUUID();
    const file: ProtoFile = { id, name: name.trim() === '' ? (chosen.split('.')[0] ?? 'proto') : name.trim(), source };
    decode.setProtos((before) => [...before.filter((each) => each.id !== id), file]);
    const layers: CodecId[] = [...unwrapped, 'protobuf'];
    const proto = { id, message: chosen };
    const remembered = decode.patterns.find(({ label }) => label === pattern);
    if (remembered) decode.remember(remembered.pattern, layers, proto);
    else decode.choose({ layers, proto });
    onClose();
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (ready) submit();
      }}
    >
      {protos.length > 0 && (
        <Group align="flex-end" gap={8} mb={8}>
          <Select
            label="File"
            flex={1}
            value={fileId}
            allowDeselect={false}
            data={[...protos.map((file) => ({ value: file.id, label: file.name })), { value: newFile, label: 'Another file' }]}
            onChange={(id) => select(id ?? newFile)}
          />
          <Button variant="default" disabled={kept === undefined} onClick={remove}>
            Remove the file
          </Button>
        </Group>
      )}
      <Group align="flex-end" gap={8} mb={8}>
        <TextInput label="Name" flex={1} value={name} placeholder="shop.proto" onChange={(event) => setName(event.currentTarget.value)} />
        <Button component="label" variant="default">
          Choose a file
          <input type="file" accept=".proto,text/plain" hidden onChange={(event) => void load(event.currentTarget.files?.[0])} />
        </Button>
      </Group>
      <Textarea
        data-autofocus
        label=".proto text"
        description="One whole file with the messages that it uses. Imports of google/protobuf are known; others are not followed."
        autosize
        minRows={8}
        maxRows={14}
        classNames={{ input: 'la-mono' }}
        spellCheck={false}
        value={source}
        error={tooLong ? 'Too long: all files together take up to 190,000 characters' : undefined}
        onChange={(event) => setSource(event.currentTarget.value)}
      />
      {parsed.error && settled.trim() !== '' && <ProblemView problem={toProblem(parsed.error)} />}
      <Group gap={8} mt={8} grow align="flex-start">
        <Select label="Message" value={chosen === '' ? null : chosen} data={messages} allowDeselect={false} searchable disabled={messages.length === 0} placeholder="The messages of the text" onChange={(value) => setMessage(value ?? '')} />
        <Select
          label="Use for"
          value={pattern ?? ''}
          allowDeselect={false}
          data={[{ value: '', label: 'this value, until another is opened' }, ...decode.patterns.map(({ label }) => ({ value: label, label: `always for ${label}` }))]}
          onChange={(value) => setPattern(value === '' ? null : value)}
        />
      </Group>
      <Group justify="flex-end" gap={8} mt={16}>
        {unwrapped.length > 0 && <span>behind {chainWords(unwrapped)}</span>}
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button type="submit" disabled={!ready}>
          {chosen === '' ? 'Read as a message' : `Read as ${chosen}`}
        </Button>
      </Group>
    </form>
  );
}
