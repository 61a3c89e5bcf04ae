import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { claudeCode } from '../provision/provision.ts';
import { openWindowScene, viewNames, type WindowScene } from '../windows/windowScene.ts';
import { Film } from './film.ts';
import { tidyWindow } from './tidyWindow.ts';

const words = {
  en: {
    relay: 'Relay',
    focus: 'Signalbox: Focus on Requests View',
    questions: ['Why is the build slow?', 'Fix it, please.'],
    answers: [
      'Each of the twelve bundles is built twice: once for the types and once for the output. The second time is not needed.',
      'Done. The types are now checked once for all bundles, and the build takes 9 seconds instead of 31. All 212 tests pass.',
    ],
  },
  'zh-cn': {
    relay: '中转站',
    focus: 'Signalbox: Focus on 请求 View',
    questions: ['构建为什么这么慢？', '请修好它。'],
    answers: [
      '十二个包都构建了两次：一次用于类型检查，一次用于输出。第二次并无必要。',
      '已修好。类型现在只检查一次，构建用时从 31 秒降到 9 秒，212 个测试全部通过。',
    ],
  },
} as const;

type Words = (typeof words)['en' | 'zh-cn'];
type Views = (typeof viewNames)['en' | 'zh-cn'];

const typingMs = 45;
const frameMs = 75;

/** A failover as people see it: Claude Code answers, its endpoint goes away, and Claude Code answers the next question. */
export async function failoverFilm(language: 'en' | 'zh-cn'): Promise<Film> {
  const said = words[language];
  const scene = await openWindowScene({
    parts: [
      { id: 'anthropic', setting: { name: 'Anthropic' } },
      { id: 'relay', setting: { name: said.relay } },
    ],
    settings: {
      'terminal.integrated.defaultLocation': 'editor',
      'terminal.integrated.fontSize': 13,
      'terminal.integrated.stickyScroll.enabled': false,
    },
    language,
    theme: 'dark',
    viewport: { width: 960, height: 540 },
    scale: 1.5,
  });
  try {
    await tidyWindow(scene, 400);
    await scene.window.runCommand(said.focus);
    const film = new Film(scene.window.page);
    await play(scene, film, said, viewNames[language]);
    return film;
  } finally {
    await scene.close();
  }
}

async function play(scene: WindowScene, film: Film, said: Words, views: Views): Promise<void> {
  for (const [index, id] of ['anthropic', 'relay'].entries()) {
    const text = said.answers[index] ?? '';
    scene.endpoint(id).behave({ kind: 'healthy', text, textEvents: 22, firstByteDelayMs: 300, eventDelayMs: 90 });
  }
  const terminal = await openClaude(scene);
  await scene.window.page.locator(`.pane-header[aria-label^="${views.sessions}"]`).click();
  await scene.window.tree(views.requests).until('no traffic yet', (rows) => rows.length === 0);
  await film.shoot(500);
  const ask = async (index: number): Promise<void> => {
    for (const letter of said.questions[index] ?? '') {
      await terminal.type(letter);
      await film.shoot(typingMs);
    }
    await film.shoot(250);
    await terminal.type('\r');
  };
  const last = (index: number): string => (said.answers[index] ?? '').replace(/\s/g, '').slice(-6);
  const isAnswered = (index: number) => async () => (await terminal.text()).replace(/\s/g, '').includes(last(index));
  await ask(0);
  await film.shootUntil(isAnswered(0), frameMs, 60);
  await film.shoot(400);
  await scene.endpoint('anthropic').refuse();
  await ask(1);
  await film.shootUntil(isAnswered(1), frameMs, 60);
  await scene.window.tree(views.endpoints).until('the endpoint that is out', ([row]) => row?.icon !== 'pass-filled');
  await scene.window.tree(views.requests).until('the request that was saved', ([row]) => row?.icon === 'arrow-swap');
  await terminal.until('the end of the answer', (text) => (text.match(/done/g) ?? []).length === 2);
  await film.shoot(2500);
}

/** The real Claude Code in a terminal beside the sidebar, past its first questions. */
async function openClaude(scene: WindowScene) {
  const { home } = scene.server.folders;
  const folder = path.join(home, 'web-shop');
  mkdirSync(folder);
  const bin = path.join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  symlinkSync(await claudeCode(), path.join(bin, 'claude'));
  const project = { hasTrustDialogAccepted: true, hasCompletedProjectOnboarding: true };
  writeFileSync(
    path.join(home, '.claude.json'),
    JSON.stringify({ hasCompletedOnboarding: true, theme: 'dark', projects: { [folder]: project } }),
  );
  writeFileSync(
    path.join(home, '.bashrc'),
    `PS1='$ '; PATH=${bin}:$PATH; export CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC=1 DISABLE_AUTOUPDATER=1\ncd ~/web-shop\nclear\n`,
  );
  const terminal = await scene.window.openTerminal();
  await terminal.type('claude --permission-mode default\r');
  await terminal.until('the prompt of Claude Code', (text) => /[❯>]/.test(text.replace(/^.*claude.*$/m, '')), 30_000);
  return terminal;
}
