import { existsSync, readFileSync, statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packageRoot } from '../page/package-root.ts';

interface Settings {
  asar: boolean;
  publish: null;
  files: string[];
  electronFuses: Record<string, boolean>;
  linux: { target: string[]; icon: string };
  mac: { target: string[]; icon: string };
  win: { target: string[]; icon: string };
}

const settings = parse(readFileSync(join(packageRoot, 'electron-builder.yml'), 'utf8')) as Settings;

/** electron-builder's own check of a configuration, as it runs before it builds. */
function validate(config: unknown): Promise<void> {
  const fromBuilder = createRequire(createRequire(import.meta.url).resolve('electron-builder/package.json'));
  const { validateConfiguration } = fromBuilder('app-builder-lib/out/util/config/config') as {
    validateConfiguration: (config: unknown, logger: { isEnabled: boolean }) => Promise<void>;
  };
  return validateConfiguration(config, { isEnabled: false });
}

describe('electron-builder.yml', () => {
  it('sets every fuse', () => {
    expect(settings.electronFuses).toEqual({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  it('packs into an archive for the four targets, and publishes nothing', () => {
    expect(settings).toMatchObject({ asar: true, publish: null, linux: { target: ['deb', 'AppImage'] }, mac: { target: ['dmg'] }, win: { target: ['nsis'] } });
  });

  it('packs what is built and no test-only code', () => {
    expect(settings.files.filter((pattern) => !pattern.startsWith('!'))).toEqual(['dist/**', 'package.json']);
  });

  it('is accepted by electron-builder', async () => {
    await expect(validate(settings)).resolves.toBeUndefined();
    await expect(validate({ ...settings, electronFuses: { runAsNode: 'no' } })).rejects.toThrow(/runAsNode/u);
  });

  it('names icons that are there, large enough and small to keep', () => {
    for (const { icon } of [settings.linux, settings.mac, settings.win]) {
      const file = join(packageRoot, icon);
      expect(existsSync(file)).toBe(true);
      const header = readFileSync(file).subarray(0, 24);
      expect([header.readUInt32BE(16), header.readUInt32BE(20)]).toEqual([512, 512]);
      expect(statSync(file).size).toBeLessThan(64 * 1024);
    }
  });
});
