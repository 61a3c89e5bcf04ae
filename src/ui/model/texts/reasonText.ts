import { plainLine } from '../treeNode.ts';
import type { Translate } from '../viewContext.ts';

type Words = (t: Translate, groups: readonly string[]) => string;

/** The gateway's reasons, with their translation. A vendor's error type stays unchanged. */
const phrases: readonly (readonly [RegExp, Words])[] = [
  [/^ok$/, (t) => t('ok')],
  [/^client closed the connection$/, (t) => t('the client closed the connection')],
  [/^no connection after ([\d.]+) s$/, (t, [s = '']) => t('no connection after {0} s', s)],
  [/^no first byte after ([\d.]+) s$/, (t, [s = '']) => t('no first byte after {0} s', s)],
  [/^no content after ([\d.]+) s$/, (t, [s = '']) => t('no content after {0} s', s)],
  [/^stream silent after ([\d.]+) s$/, (t, [s = '']) => t('the stream was silent for {0} s', s)],
  [/^answer ended before it was complete$/, (t) => t('the answer ended before it was complete')],
  [/^connection refused$/, (t) => t('connection refused')],
  [/^connection timed out$/, (t) => t('connection timed out')],
  [/^connection lost$/, (t) => t('connection lost')],
  [/^connection failed: (.+)$/, (t, [code = '']) => t('connection failed: {0}', code)],
  [/^host name not found: (.+)$/, (t, [code = '']) => t('host name not found: {0}', code)],
  [/^TLS: certificate has expired$/, (t) => t('its certificate has expired')],
  [/^TLS: certificate is not valid yet$/, (t) => t('its certificate is not valid yet')],
  [/^TLS: certificate is for another host$/, (t) => t('its certificate is for another host')],
  [/^TLS: certificate is self-signed$/, (t) => t('its certificate is self-signed')],
  [/^TLS: certificate is of an unknown authority$/, (t) => t('its certificate is of an unknown authority')],
  [/^TLS: no TLS is spoken there$/, (t) => t('no TLS is spoken there: try http')],
  [/^not reached by the HTTP proxy, which answered (\d+)$/, (t, [status = '']) => t('HTTP proxy answered {0}', status)],
  [/^not reached by the SOCKS5 proxy: (.+)$/, (t, [why = '']) => t('SOCKS5 proxy: {0}', reasonText(why, t))],
  [/^network proxy: (.+)$/, (t, [why = '']) => t('network proxy failed: {0}', reasonText(why, t))],
  [/^user name or password refused$/, (t) => t('user name or password refused')],
  [/^not allowed by its rules$/, (t) => t('not allowed by its rules')],
  [/^makes no such connections$/, (t) => t('makes no such connections')],
  [/^no SOCKS5 is spoken there$/, (t) => t('no SOCKS5 is spoken there')],
  [/^user name, password or host name is too long$/, (t) => t('user name, password or host name is too long')],
  [/^network unreachable$/, (t) => t('network unreachable')],
  [/^host unreachable$/, (t) => t('host unreachable')],
  [/^too many hops$/, (t) => t('too many hops')],
  [/^general failure$/, (t) => t('general failure')],
  [/^offline: (.+)$/, (t, [code = '']) => t('this machine is offline: {0}', code)],
  [/^unparseable HTTP: (.+)$/, (t, [code = '']) => t('the answer is not HTTP: {0}', code)],
  [/^(\d+) redirect$/, (t, [status = '']) => t('{0}: redirects are not followed', status)],
  [/^(\d+) that is (?:not an|no) answer of the API$/, (t, [status = '']) => t('{0}: not an answer of the API', status)],
  [/^(\d+) that is no event stream$/, (t, [status = '']) => t('{0}: not an event stream', status)],
  [/^(\d+) with a web page$/, (t, [status = '']) => t('{0}: a web page instead of the API', status)],
  [/^content-encoding that does not fit$/, (t) => t('content-encoding that does not fit')],
  [/^a body beyond all measure$/, (t) => t('an answer that is too large')],
  [/^(\d+) by your rule$/, (t, [status = '']) => t('{0}, by your rule', status)],
  [/^(.+) without a reset$/, (t, [what = '']) => t('{0}, no reset time given', reasonText(what, t))],
  [/^(.+) in the stream$/, (t, [what = '']) => t('{0} in the stream', reasonText(what, t))],
  [/^bound$/, (t) => t('session is bound here')],
  [/^only one$/, (t) => t('the only candidate')],
  [/^only one left$/, (t) => t('the only one left')],
  [/^once more$/, (t) => t('once more on the same endpoint')],
  [/^chosen by hand$/, (t) => t('chosen by hand')],
  [/^its parent is bound there$/, (t) => t('its parent session is bound there')],
  [/^going home, (.+)$/, (t, [why = '']) => t('going home: {0}', reasonText(why, t))],
  [/^priority (\d+)$/, (t, [number = '']) => t('priority {0}', number)],
  [/^weighted$/, (t) => t('weighted')],
  [/^round robin$/, (t) => t('round robin')],
  [/^random$/, (t) => t('random')],
  [/^least connections$/, (t) => t('least connections')],
  [/^fastest$/, (t) => t('fastest')],
  [/^already tried$/, (t) => t('already tried')],
  [/^speaks (\w+)$/, (t, [dialect = '']) => t('speaks another API ({0})', dialect)],
  [/^does not serve the model$/, (t) => t('does not serve the model')],
  [/^cannot be reached either$/, (t) => t('cannot be reached either')],
  [/^has as many requests as it takes$/, (t) => t('has as many requests as it takes')],
  [/^not chosen: (.+)$/, (t, [why = '']) => t('not chosen: {0}', reasonText(why, t))],
  [/^disabled$/, (t) => t('disabled')],
  [/^(?:keyMissing: )?key missing$/, (t) => t('key missing')],
  [/^open$/, (t) => t('open')],
  [/^halfOpen$/, (t) => t('half-open')],
  [/^(?:cooling): (.+)$/, (t, [why = '']) => t('cooling down: {0}', reasonText(why, t))],
  [/^(?:open): (.+)$/, (t, [why = '']) => t('open: {0}', reasonText(why, t))],
  [/^(?:halfOpen): (.+)$/, (t, [why = '']) => t('half-open: {0}', reasonText(why, t))],
  [/^(?:suspended): (.+)$/, (t, [why = '']) => t('key refused: {0}', reasonText(why, t))],
  [/^(.+) \(endpoint\)$/, (t, [why = '']) => reasonText(why, t)],
  [/^(.+) \(key\)$/, (t, [why = '']) => t('{0} (whole key)', reasonText(why, t))],
  [/^(.+) \((?:family|model):\)$/, (t, [why = '']) => t('{0} (only requests without a model)', reasonText(why, t))],
  [
    /^(.+) \((?:family|model):(.*)\)$/s,
    (t, [why = '', model = '']) => t('{0} (only {1})', reasonText(why, t), plainLine(model)),
  ],
];

/** A reason of the gateway, translated; unknown texts (an error type) stay unchanged. */
export function reasonText(reason: string, t: Translate): string {
  for (const [pattern, words] of phrases) {
    const match = pattern.exec(reason);
    if (match !== null) return words(t, match.slice(1));
  }
  return reason;
}
