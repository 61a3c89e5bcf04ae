import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { npmInstall, provisionFolder } from './provision.ts';

/** A font family under a free licence and the files of its package that are kept. */
interface FontPackage {
  readonly packageSpec: string;
  readonly files: readonly string[];
}

const fontPackages: readonly FontPackage[] = [
  {
    packageSpec: '@expo-google-fonts/inter@0.4.2',
    files: ['400Regular/Inter_400Regular.ttf', '600SemiBold/Inter_600SemiBold.ttf', '700Bold/Inter_700Bold.ttf'],
  },
  {
    packageSpec: '@expo-google-fonts/roboto-mono@0.4.2',
    files: ['400Regular/RobotoMono_400Regular.ttf', '700Bold/RobotoMono_700Bold.ttf'],
  },
  {
    packageSpec: '@expo-google-fonts/noto-sans-sc@0.4.3',
    files: ['400Regular/NotoSansSC_400Regular.ttf', '700Bold/NotoSansSC_700Bold.ttf'],
  },
];

/** The generic families that pages ask for, and which of ours stands for each; Noto adds the Chinese characters. */
const families: Readonly<Record<string, readonly string[]>> = {
  'sans-serif': ['Inter', 'Noto Sans SC'],
  'system-ui': ['Inter', 'Noto Sans SC'],
  serif: ['Inter', 'Noto Sans SC'],
  monospace: ['Roboto Mono', 'Noto Sans SC'],
};

/**
 * A fontconfig file (for FONTCONFIG_FILE) that knows a Latin, a monospaced and a Chinese font and then the machine's
 * own; the fonts are installed below `.vscode-test/` when they are not there yet.
 */
export async function fontConfiguration(): Promise<string> {
  const fonts = await provisionFolder('fonts-1', unpackFonts);
  const file = path.join(fonts, 'fonts.conf');
  // Several may write it at the same time, of this process and of others.
  const scratch = `${file}.${randomUUID()}`;
  await writeFile(scratch, fontsConf(fonts));
  await rename(scratch, file);
  return file;
}

async function unpackFonts(scratch: string): Promise<void> {
  const download = path.join(scratch, 'package');
  for (const { packageSpec, files } of fontPackages) {
    await mkdir(download);
    await npmInstall(packageSpec, download);
    const folder = path.join(download, 'node_modules', packageSpec.replace(/@[^@]*$/, ''));
    for (const file of files) await rename(path.join(folder, file), path.join(scratch, path.basename(file)));
    await rm(download, { recursive: true });
  }
}

function fontsConf(folder: string): string {
  const aliases = Object.entries(families).map(
    ([family, ours]) =>
      `  <match target="pattern"><test name="family"><string>${family}</string></test>` +
      `<edit name="family" mode="prepend" binding="strong">${ours.map((name) => `<string>${name}</string>`).join('')}` +
      '</edit></match>',
  );
  return [
    '<?xml version="1.0"?>',
    '<!DOCTYPE fontconfig SYSTEM "fonts.dtd">',
    '<fontconfig>',
    `  <dir>${folder}</dir>`,
    '  <dir>/usr/share/fonts</dir>',
    `  <cachedir>${path.join(folder, 'cache')}</cachedir>`,
    ...aliases,
    '</fontconfig>',
    '',
  ].join('\n');
}
