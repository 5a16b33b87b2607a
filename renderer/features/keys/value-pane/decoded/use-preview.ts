import { useCallback, useEffect, useSyncExternalStore } from 'react';
import type { HostClient } from '../../../../../shared/contract/contract.ts';
import type { Cut } from '../../../../../shared/contract/values.ts';
import { useHost } from '../../../../lib/host.ts';
import { PreviewBatch, type Preview } from './preview-batch.ts';

/** Base64 characters of the longest value that a cell asks a preview of: 6 KiB of bytes. */
const longest = 8192;
const batches = new WeakMap<HostClient, PreviewBatch>();

function batchOf(client: HostClient): PreviewBatch {
  let batch = batches.get(client);
  if (batch === undefined) {
    batch = new PreviewBatch((values) => client.decode.previews({ values }));
    batches.set(client, batch);
  }
  return batch;
}

/** What a short value that is no text says when it is decoded; `null` when nothing or not yet. */
export function usePreview({ data, truncated }: Cut): Preview {
  const { client } = useHost();
  const batch = batchOf(client);
  const asks = typeof data !== 'string' && !truncated && data.b64.length <= longest;
  const read = useCallback(() => (asks ? (batch.read(data) ?? null) : null), [asks, batch, data]);
  useEffect(() => {
    if (asks) batch.want(data);
  }, [asks, batch, data]);
  return useSyncExternalStore(batch.subscribe, read);
}
