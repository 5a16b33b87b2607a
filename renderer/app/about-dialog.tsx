import { Modal } from '@mantine/core';
import { InlineCopy } from '../ui/inline-copy.tsx';
import { FactList } from '../ui/fact-list.tsx';
import type { AppInfo } from './boot.tsx';

/** Version and where things are kept. */
export function AboutDialog({ opened, onClose, info }: { opened: boolean; onClose: () => void; info: AppInfo }) {
  return (
    <Modal opened={opened} onClose={onClose} title="About Lookaside" size={480}>
      <FactList
        facts={[
          ['Version', info.version],
          ['Runs as', info.face === 'electron' ? 'desktop app' : 'browser page'],
          ['Platform', info.platform],
          [
            'Data folder',
            <span key="folder">
              <span className="la-mono">{info.dataFolder}</span> <InlineCopy text={info.dataFolder} label="Copy the path" />
            </span>,
          ],
          ['Secrets', info.secrets.persistent ? 'stored in the system keychain' : `kept for this session only: ${info.secrets.reason}`],
        ]}
      />
    </Modal>
  );
}
