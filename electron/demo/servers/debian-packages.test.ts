import { describe, expect, it } from 'vitest';
import { sourceForSuite } from './debian-packages.ts';

const deb822 = `# a mirror
Types: deb deb-src
URIs: http://mirror.example/security
Suites: bookworm-security
Components: main

Types: deb
# a comment
URIs: http://mirror.example/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/example.gpg
`;

describe('sourceForSuite', () => {
  it('keeps the mirror of a deb822 file and swaps the suite', () => {
    expect(sourceForSuite([{ name: 'a.sources', text: deb822 }], 'bookworm', 'trixie')).toBe(
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main contrib\nSigned-By: /usr/share/keyrings/example.gpg',
    );
  });

  it('reads one-line lists with and without options', () => {
    const text = '# deb http://no.example/debian bookworm main\ndeb-src http://no.example/debian bookworm main\ndeb [arch=amd64 signed-by=/k.gpg] http://mirror.example/debian bookworm main non-free # x\n';
    expect(sourceForSuite([{ name: 'sources.list', text }], 'bookworm', 'trixie')).toBe(
      'Types: deb\nURIs: http://mirror.example/debian\nSuites: trixie\nComponents: main non-free\nSigned-By: /k.gpg',
    );
    expect(sourceForSuite([{ name: 'sources.list', text: 'deb http://m.example/d bookworm main' }], 'bookworm', 'sid')).toBe(
      'Types: deb\nURIs: http://m.example/d\nSuites: sid\nComponents: main',
    );
  });

  it('says when nothing fits', () => {
    expect(sourceForSuite([{ name: 'a.sources', text: deb822.replace('URIs: http://mirror.example/debian', 'Enabled: no') }], 'bookworm', 'trixie')).toBeNull();
    expect(sourceForSuite([{ name: 'sources.list', text: '' }], 'bookworm', 'trixie')).toBeNull();
  });
});
