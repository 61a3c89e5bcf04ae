import { createRequire } from 'node:module';

/** A line of a scrape: `signalbox_times_bucket{le="1"} 5`. */
export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

interface ParsedFamily {
  readonly name: string;
  readonly metrics: readonly { readonly labels?: Readonly<Record<string, string>>; readonly value: string }[];
}

const require = createRequire(import.meta.url);
// It has no types of its own, and puts histograms of different labels together: it is given the samples alone.
const parse = require('parse-prometheus-text-format') as (text: string) => ParsedFamily[];

/** All samples, as a parser that is not ours reads them. Throws for a line that is none. */
export function samplesOf(text: string): Sample[] {
  return parse(text.replaceAll(/^# .*\n/gm, '')).flatMap(({ name, metrics }) =>
    metrics.map(({ labels = {}, value }) => ({ name, labels, value: Number(value) })),
  );
}

/** The value of the one sample of that name whose labels are these and no others; undefined where there is none. */
export function sampleValue(
  text: string,
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number | undefined {
  const wanted = labelText(labels);
  return samplesOf(text).find((one) => one.name === name && labelText(one.labels) === wanted)?.value;
}

/** The families of a scrape and their types. */
export function familiesOf(text: string): { readonly name: string; readonly type: string }[] {
  return [...text.matchAll(/^# TYPE (\S+) (\S+)$/gm)].map(([, name = '', type = '']) => ({ name, type }));
}

function labelText(labels: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.entries(labels).sort(([a], [b]) => (a < b ? -1 : 1)));
}

const samplePattern = /^([a-z_:][a-z0-9_:]*)(\{(?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)*\})? (\S+)$/i;

/** The objections of promtool's linter and Prometheus to a scrape; empty if there are none. */
export function metricsProblems(text: string): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  let family: { readonly name: string; readonly type: string } | undefined;
  let help: string | undefined;
  if (!text.endsWith('\n')) problems.push('the last line has no end');
  for (const line of text.split('\n').slice(0, -1)) {
    const [, kind, name = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.*)$/.exec(line) ?? [];
    if (kind === 'HELP') {
      help = name;
      if (rest.trim() === '') problems.push(`${name}: no help text`);
    } else if (kind === 'TYPE') {
      if (help !== name) problems.push(`${name}: TYPE without HELP before it`);
      if (seen.has(name)) problems.push(`${name}: twice`);
      seen.add(name);
      family = { name, type: rest };
      problems.push(...namingProblems(name, rest));
    } else {
      const [, sample = '', labels = '', value = ''] = samplePattern.exec(line) ?? [];
      const isOfFamily =
        family?.type === 'histogram'
          ? ['_bucket', '_sum', '_count'].some((suffix) => sample === `${family?.name}${suffix}`)
          : sample === family?.name;
      if (sample === '') problems.push(`not a sample: ${line}`);
      else if (!isOfFamily) problems.push(`${sample}: stands below ${family?.name}`);
      if (seen.has(sample + labels) && labels !== '') problems.push(`${sample}${labels}: twice`);
      seen.add(sample + labels);
      if (!Number.isFinite(Number(value))) problems.push(`${sample}: ${value} is no number`);
      if (family?.type !== 'gauge' && Number(value) < 0) problems.push(`${sample}: below zero`);
      if (/\b(?:job|instance)=/.test(labels)) problems.push(`${sample}: a label that Prometheus sets itself`);
    }
  }
  if (problems.length > 0) return problems;
  return familiesOf(text).flatMap(({ name, type }) => (type === 'histogram' ? histogramProblems(text, name) : []));
}

/** https://prometheus.io/docs/practices/naming */
function namingProblems(name: string, type: string): string[] {
  const rules: readonly (readonly [boolean, string])[] = [
    [/^(?:signalbox|process)_[a-z][a-z0-9_]*$/.test(name), 'is no name in snake case with our prefix'],
    [(type === 'counter') === name.endsWith('_total'), 'a counter, and nothing else, ends in _total'],
    [/^(?:counter|gauge|histogram)$/.test(type), `${type} is no type`],
    [!/_(?:ms|millis\w*|minutes|hours|days|kb|mb|kilobytes|percent|ratio100)(?:_|$)/.test(name), 'has no base unit'],
    [!/_(?:count|sum|bucket)$/.test(name), 'ends like a part of a histogram'],
    [!/(?:^|_)(?:counter|gauge|histogram)(?:_|$)/.test(name), 'names its type'],
  ];
  return rules.flatMap(([holds, problem]) => (holds ? [] : [`${name}: ${problem}`]));
}

function histogramProblems(text: string, name: string): string[] {
  const samples = samplesOf(text);
  const of = (suffix: string) => samples.filter((one) => one.name === name + suffix);
  const withoutBound = ({ labels }: Sample) => {
    const { le: _, ...others } = labels;
    return labelText(others);
  };
  return of('_count').flatMap((count) => {
    const alike = (suffix: string) => of(suffix).filter((one) => withoutBound(one) === withoutBound(count));
    const buckets = alike('_bucket');
    const bounds = buckets.map(({ labels }) =>
      labels['le'] === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels['le']),
    );
    const counts = buckets.map(({ value }) => value);
    const rises = (list: readonly number[], strictly: boolean) =>
      list.every((one, index) => index === 0 || (list[index - 1] ?? 0) < one || (!strictly && list[index - 1] === one));
    return [
      ...(bounds.at(-1) === Number.POSITIVE_INFINITY ? [] : [`${name}: no bucket +Inf at its end`]),
      ...(rises(bounds, true) && rises(counts, false) ? [] : [`${name}: buckets that do not rise`]),
      ...(counts.at(-1) === count.value ? [] : [`${name}: its count is not that of its last bucket`]),
      ...(alike('_sum').length === 1 ? [] : [`${name}: not one sum`]),
    ];
  });
}
