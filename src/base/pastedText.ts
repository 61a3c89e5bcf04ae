/**
 * Addresses and keys in the forms in which people paste them: assignments of any shell, JSON, headers, links, whole
 * commands. Pure; any text is accepted.
 */

/** Characters that are seen as nothing and come along when text is copied from a page. */
const invisible = /[\u00ad\u200b-\u200f\u2028-\u202e\u2060\ufeff]/g;
/** The ASCII characters as East Asian input methods write them. */
const fullWidth = /[\uff01-\uff5e]/g;
const quotes = '["\'`\u2018\u2019\u201c\u201d]';

/** Between a name and its value: a sign that assigns or, after the name of a variable, one that only separates. */
const assigns = `(?:\\\\?${quotes})?\\]?\\s*(?:(?:=>|[:=])\\s*|(?<weak>,\\s*|\\s+))(?:\\\\?${quotes})?`;

/** A value that a program reads from the environment: its name. */
const readByCode = `(?:process\\.env\\.|(?:environ\\.get\\(|getenv\\(|environ\\[)${quotes})(?<variable>\\w+)`;
const word = '[^\\s"\'`\u2018\u2019\u201c\u201d,;{}<>()\\\\^\u3001\u3002]';
const keyValue = `(?:bearer\\s+)?(?:os\\.)?(?:${readByCode}|(?<value>\\$\\{\\w+\\}|(?![=:])${word}+))`;

const keyNamed = new RegExp(
  `(?<![\\w-])(?<name>[\\w-]*(?:key|token|secret|authorization)|\u5bc6\u94a5|\u4ee4\u724c)${assigns}${keyValue}`,
  'gi',
);
const addressNamed = new RegExp(
  `(?<![\\w-])(?<name>\\w*(?:ur[li]|base|endpoint|host|address)|\u5730\u5740)${assigns}(?<value>${word}+)`,
  'gi',
);
const variableOfKey = /^(?:[A-Z][A-Z0-9]*_)*(?:API_?KEY|AUTH_TOKEN|ACCESS_TOKEN|TOKEN|SECRET|KEY)$/;
const variableOfAddress = /^(?:[A-Z][A-Z0-9]*_)*(?:BASE_UR[LI]|API_BASE|ENDPOINT|API_URL|URL|HOST)$/;
const fieldOfKey =
  /^(?:(?:proxy-)?authorization|(?:x-)?(?:[a-z]+-)?api-key|api_?key|(?:auth|access)_?token|token|key|\W+)$/i;
const fieldOfAddress = /^(?:(?:api_?)?base(?:_?ur[li])?|api_?ur[li]|ur[li]|endpoint|host|address|\W+)$/i;

const bearer = new RegExp(`\\bbearer\\s+(?<value>(?:\\$\\{\\w+\\})|${word}+)`, 'i');
/** A variable as a shell writes it. */
const shellVariable = /^(?:\$\{?(?:env:)?([A-Za-z_]\w*)\}?|%([A-Za-z_]\w*)%)$/i;

/**
 * The key in a pasted text: a key, `env:NAME` where the text names a variable (`$NAME`, `%NAME%`), or the text itself
 * without quotes where nothing in it looks like more than a key.
 */
export function pastedKey(text: string): string {
  const plain = plainText(text);
  return namedKey(plain) ?? referenceOr(unquoted(plain).replace(/^bearer\s+/i, ''));
}

/** The key that a text names as one: by a header, a variable or a field. Undefined without one. */
export function namedKey(text: string): string | undefined {
  const plain = plainText(text);
  for (const { groups = {} } of plain.matchAll(keyNamed)) {
    const { name = '', weak, variable, value = '' } = groups;
    const isVariable = variableOfKey.test(name);
    if (!isVariable && (weak !== undefined || !fieldOfKey.test(name))) continue;
    if (variable !== undefined) return `env:${variable}`;
    if (!/^basic$/i.test(value)) return referenceOr(value);
  }
  const value = /\s\S*bearer\s/i.test(plain) ? bearer.exec(plain)?.groups?.['value'] : undefined;
  return value === undefined ? undefined : referenceOr(value);
}

/** A key without the quotes, the `Bearer` and the invisible characters around it, as values of variables have them. */
export function bareKey(text: string): string {
  return unquoted(text.replace(invisible, '').trim()).replace(/^bearer\s+/i, '');
}

function referenceOr(value: string): string {
  const [, shell, windows] = shellVariable.exec(value) ?? [];
  const name = shell ?? windows;
  return name === undefined ? value : `env:${name}`;
}

const command = /^(?:\$\s+)?(?:curl|wget|https?|xh|iwr|irm|invoke-\w+)(?:\.exe)?\s/i;
const url = `https?:\\/\\/${word}+`;
/** Not the value of something, such as of a header, and not the proxy of a command. */
const standingUrl = new RegExp(`(?<![:=]\\s*${quotes}?|(?:-x|--proxy)\\s+${quotes}?)${url}`, 'i');
const anyUrl = new RegExp(url, 'i');
const port = '(?::\\d{1,5})';
const host = `(?:localhost|\\[[0-9a-f:]+\\]|\\d{1,3}(?:\\.\\d{1,3}){3}|(?:[\\p{L}\\p{N}-]+\\.)+\\p{L}{2,}\\.?)${port}?`;
const bareAddress = new RegExp(`^(?:${host}|[a-z\\d][\\w-]*${port})(?=[/?#]|$)`, 'iu');
const standingAddress = new RegExp(
  `\\s${quotes}?(?<value>(?:${host}|[a-z][\\w-]*${port})(?:\\/${word}*)?)(?=\\s|${quotes}|$)`,
  'iu',
);

/**
 * The address in a pasted text, with a scheme and without query and fragment; undefined if there is none. Without a scheme
 * it becomes `http` on this machine and in its network, else `https`.
 */
export function pastedAddress(text: string): string | undefined {
  const plain = plainText(text);
  const named = (): string | undefined => namedAddress(plain);
  const standing = (): string | undefined => standingUrl.exec(plain)?.[0];
  // The body and the headers of a command may hold addresses, too.
  const found = command.test(plain)
    ? (standing() ?? named() ?? addressOf(standingAddress.exec(plain)?.groups?.['value']))
    : (addressOf(unquoted(plain)) ?? named() ?? standing());
  return addressOf(found ?? anyUrl.exec(plain)?.[0]);
}

function namedAddress(plain: string): string | undefined {
  for (const { groups = {} } of plain.matchAll(addressNamed)) {
    const { name = '', weak, value = '' } = groups;
    const isVariable = variableOfAddress.test(name);
    if (!isVariable && (weak !== undefined || !fieldOfAddress.test(name))) continue;
    const address = addressOf(value);
    if (address !== undefined) return address;
  }
  return undefined;
}

function addressOf(text: string | undefined): string | undefined {
  const bare = text?.replace(/^\/\//, '').replace(/[?#].*$/s, '');
  if (bare === undefined || /\s/.test(bare)) return undefined;
  const isWhole = /^https?:\/\/./i.test(bare);
  if (!isWhole && !bareAddress.test(bare)) return undefined;
  const address = isWhole ? bare : `${isNear(bare) ? 'http' : 'https'}://${bare}`;
  return URL.canParse(address) ? address : undefined;
}

/** Whether a host is on this machine or in its network, where servers seldom have certificates. */
function isNear(address: string): boolean {
  const name = /^(?:\[[^\]]*\]|[^:/]+)/.exec(address)?.[0] ?? '';
  if (/:443(?:\/|$)/.test(address)) return false;
  if (/^\[|^(?:127|10)\.|^192\.168\.|^172\.(?:1[6-9]|2\d|3[01])\.|^0\.0\.0\.0$/.test(name)) return true;
  return !name.includes('.') || /\.(?:local|localhost|lan|internal|home|test)$/i.test(name);
}

/** Without invisible characters, and with ASCII for full-width ones. */
function plainText(text: string): string {
  return text
    .replace(invisible, '')
    .replace(fullWidth, (one) => String.fromCharCode(one.charCodeAt(0) - 0xfee0))
    .trim();
}

/** Without quotes or angle brackets around it and without the separator behind it. */
function unquoted(text: string): string {
  const pattern = /^(?:\\?["'`\u2018\u2019\u201c\u201d<])+(.*?)(?:\\?["'`\u2018\u2019\u201c\u201d>])+$/s;
  const bare = text.replace(/[,;\u3001\u3002]+$/, '').trim();
  return (pattern.exec(bare)?.[1] ?? bare).trim();
}
