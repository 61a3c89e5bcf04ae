import { JsonWalk } from './jsonWalk.ts';
import type { TopLevelFields } from './topLevelFields.ts';

/** Larger bodies are not searched for their opening (behaviour.md §4). */
const openingLimitBytes = 1024 * 1024;

/** Nobody puts more before the first message of the user. */
const openingLimitMessages = 16;

/** Of each text only the beginning counts: reading all of a long one would hold up every other request. */
const textLimitBytes = 32 * 1024;

/**
 * The beginnings of the system prompt and of the messages up to the first user message. They are the same in every turn of a
 * conversation, even when cache marks move, or a client that resumes it leaves out its reminders of the day. Undefined
 * without a user message.
 */
export function openingOf(body: Buffer, fields: TopLevelFields): string | undefined {
  if (body.length > openingLimitBytes) return undefined;
  const texts = ['system', 'instructions'].map((key) => {
    const span = fields.find(key);
    return span === undefined ? '' : withoutReminders(textOf(new JsonWalk(body, span.start)));
  });
  const messages = fields.beginningOf('messages') ?? fields.beginningOf('input');
  if (messages === undefined) return undefined;
  const walk = new JsonWalk(body, messages.start);
  if (walk.kind === 'text') return [...texts, withoutReminders(walk.text(textLimitBytes))].join('\0');
  let count = 0;
  for (const _ of walk.elements()) {
    count += 1;
    if (count > openingLimitMessages) return undefined;
    const { isOfUser, text } = readMessage(walk);
    const own = withoutReminders(text);
    if (own === '' && text !== '') continue;
    texts.push(own);
    if (isOfUser) return texts.join('\0');
  }
  return undefined;
}

function readMessage(walk: JsonWalk): { readonly isOfUser: boolean; readonly text: string } {
  let isOfUser = false;
  let text = '';
  for (const key of walk.members()) {
    if (key === 'role') isOfUser = walk.text(textLimitBytes) === 'user';
    else if (key === 'content') text = textOf(walk);
    else walk.skip();
    // The rest of a long text need not be passed over.
    if (isOfUser && withoutReminders(text) !== '') break;
  }
  return { isOfUser, text };
}

/** The text of a content value: a string, or the `text` of its blocks. */
function textOf(walk: JsonWalk): string {
  if (walk.kind === 'text') return walk.text(textLimitBytes);
  let text = '';
  for (const _ of walk.elements()) {
    for (const key of walk.members()) {
      if (key === 'text' && text.length < textLimitBytes) text += walk.text(textLimitBytes);
      else walk.skip();
    }
  }
  return text;
}

const reminder = { begin: '<system-reminder>', end: '</system-reminder>' } as const;

/** The text without blocks of `<system-reminder>`, and without the white space around them. */
function withoutReminders(text: string): string {
  const parts: string[] = [];
  let from = 0;
  for (let at = text.indexOf(reminder.begin); at !== -1; at = text.indexOf(reminder.begin, from)) {
    const end = text.indexOf(reminder.end, at);
    if (end === -1) break;
    parts.push(text.slice(from, at).trim());
    from = end + reminder.end.length;
  }
  return from === 0 ? text : [...parts, text.slice(from).trim()].join('');
}
