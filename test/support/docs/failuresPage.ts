import { dayMs, hourMs, minuteMs, secondMs } from '../../../src/base/time.ts';
import { ruleClasses } from '../../../src/core/config/ruleClasses.ts';
import type { OutcomeClass } from '../../../src/core/outcome/outcome.ts';
import { policies } from '../../../src/core/outcome/policies.ts';
import { isOddAsText, statusTable } from '../../../src/core/outcome/statusTable.ts';
import { type VendorCode, vendorCodes } from '../../../src/core/outcome/vendorCodes.ts';

type RuleClass = (typeof ruleClasses)[number];

interface Words {
  readonly file: string;
  readonly heads: { readonly classes: string[]; readonly statuses: string[]; readonly codes: string[] };
  readonly classes: Readonly<Record<RuleClass, string>>;
  readonly other: Readonly<Record<'no' | 'yes' | 'once' | 'otherWay', string>>;
  readonly yes: string;
  readonly no: string;
  readonly none: string;
  readonly upTo: (from: string, to: string) => string;
  readonly strike: string;
  readonly every: string;
  readonly odd: string;
  readonly elsewhere: string;
  readonly quota: string;
  readonly inside: string;
  readonly comma: string;
  readonly semicolon: string;
  readonly wording: string;
}

/** The words of both languages; everything else on the page comes from the tables of the classifier. */
export const failuresPages: readonly Words[] = [
  {
    file: 'docs/failures.md',
    heads: {
      classes: ['Class', 'Meaning', 'Other endpoints are asked', 'Counts against the breaker', 'Then out of use'],
      statuses: ['Status', 'Class', 'A page or plain text instead of JSON'],
      codes: ['Code or wording', 'With status', 'Class', 'Vendor', 'Source'],
    },
    classes: {
      badResponse: 'something other than the API answered: a page, a redirect, a lying encoding',
      overloaded: 'the endpoint has too much to do',
      billing: 'no money or no quota on the account',
      rateLimit: 'too many requests for now; with a documented end until then, at most 30 min',
      model: 'the endpoint does not have the model',
      auth: 'the key was refused; suspended for 30 min at the second refusal',
      transient: 'passing trouble of the endpoint or of the way to it',
      request: 'the request itself: the error goes back at once, in the words of the vendor',
      unknown: 'any other error of the endpoint',
    },
    other: { no: 'no', yes: 'yes', once: 'once', otherWay: 'on another network path' },
    yes: 'yes',
    no: 'no',
    none: '-',
    upTo: (from, to) => `${from}, doubling to ${to}`,
    strike: '30 min (key)',
    every: 'every other error status',
    odd: 'badResponse',
    elsewhere: ', asked elsewhere',
    quota: '; billing once it has stayed for 10 min',
    inside: 'inside a 200',
    comma: ', ',
    semicolon: '; ',
    wording: 'wording',
  },
  {
    file: 'docs/failures.zh-CN.md',
    heads: {
      classes: ['分类', '含义', '是否询问其他端点', '是否计入熔断器', '之后停用'],
      statuses: ['状态码', '分类', '以网页或纯文本代替 JSON 时'],
      codes: ['代码或措辞', '所配状态码', '分类', '厂商', '来源'],
    },
    classes: {
      badResponse: '应答的不是 API：网页、重定向、与声明不符的编码',
      overloaded: '端点过载',
      billing: '账户没有余额或额度',
      rateLimit: '请求暂时过多；有明确结束时间的等到那时，最长 30 分钟',
      model: '端点没有该模型',
      auth: '密钥被拒绝；第二次被拒绝后暂停 30 分钟',
      transient: '端点或其线路的暂时故障',
      request: '请求本身的问题：错误以厂商的原话立即返回',
      unknown: '端点的其他错误',
    },
    other: { no: '否', yes: '是', once: '一次', otherWay: '换一条网络路径' },
    yes: '是',
    no: '否',
    none: '-',
    upTo: (from, to) => `${from}，逐次加倍至 ${to}`,
    strike: '30 min（密钥）',
    every: '其他所有错误状态码',
    odd: 'badResponse',
    elsewhere: '，询问其他端点',
    quota: '；持续 10 分钟后为 billing',
    inside: '200 之内',
    comma: '、',
    semicolon: '；',
    wording: '措辞',
  },
];

/** The text of a page with the tables of the moment between their marks. */
export function withFailureTables(page: string, words: Words): string {
  const tables = { classes: classTable(words), statuses: statusRows(words), codes: codeTable(words) };
  return Object.entries(tables).reduce(
    (text, [name, table]) =>
      text.replace(
        new RegExp(`(<!-- ${name}: begin -->\\n)[\\s\\S]*?(<!-- ${name}: end -->)`),
        (_all, begin: string, end: string) => `${begin}${table}\n${end}`,
      ),
    page,
  );
}

function classTable(words: Words): string {
  return table(
    words.heads.classes,
    ruleClasses.map((name) => {
      const { otherEndpoint, countsAgainstBreaker } = policies[name];
      const counts = countsAgainstBreaker ? words.yes : words.no;
      return [`\`${name}\``, words.classes[name], words.other[otherEndpoint], counts, outOfUse(name, words)];
    }),
  );
}

function outOfUse(name: OutcomeClass, words: Words): string {
  const { cooldown } = policies[name];
  if (cooldown === undefined) return words.none;
  if (cooldown.kind === 'strike') return words.strike;
  if (cooldown.kind === 'until') return `${span(cooldown.forMs)} (${cooldown.scope})`;
  return `${words.upTo(span(cooldown.baseMs), span(cooldown.maxMs))} (${cooldown.scope})`;
}

function span(ms: number): string {
  for (const [unitMs, unit] of [
    [dayMs, 'd'],
    [hourMs, 'h'],
    [minuteMs, 'min'],
  ] as const) {
    if (ms % unitMs === 0) return `${ms / unitMs} ${unit}`;
  }
  return `${ms / secondMs} s`;
}

function statusRows(words: Words): string {
  const rows = statusTable.map(({ statuses, class: name, means }) => {
    const odd = statuses.filter(isOddAsText);
    const isOdd = odd.length === 0 ? words.none : `${words.odd} (${odd.join(words.comma)})`;
    return [statuses.join(words.comma), `\`${name}\`${means === 'elsewhere' ? words.elsewhere : ''}`, isOdd];
  });
  return table(words.heads.statuses, [...rows, [words.every, '`unknown`', `${words.odd} (5xx)`]]);
}

function codeTable(words: Words): string {
  return table(
    words.heads.codes,
    vendorCodes.map((row) => [named(row, words), placeOf(row, words), classOf(row, words), row.vendor, sourceOf(row)]),
  );
}

function named({ codes = [], wording }: VendorCode, words: Words): string {
  const named = codes.map((code) => `\`${code}\``).join(words.comma);
  const said = wording === undefined ? '' : `${words.wording} \`/${wording.source.replaceAll('|', '\\|')}/\``;
  return [named, said].filter((one) => one !== '').join(' + ');
}

function placeOf({ statuses, hosts }: VendorCode, words: Words): string {
  const named = statuses?.map((status) => (status === 200 ? words.inside : String(status))).join(words.comma);
  return (
    [named, hosts?.map((host) => `\`${host}\``).join(words.comma)]
      .filter((one) => one !== undefined)
      .join(words.semicolon) || '*'
  );
}

function classOf({ class: name, means }: VendorCode, words: Words): string {
  const more = means === 'elsewhere' ? words.elsewhere : means === 'quota' ? words.quota : '';
  return `\`${name}\`${more}`;
}

function sourceOf({ source, read }: VendorCode): string {
  return `[${source.split('/')[0]}](https://${source}) (${read})`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(head), `|${'---|'.repeat(head.length)}`, ...rows.map(line)].join('\n');
}
