import { englishReasons, type Reason, type ReasonCode } from '../../../../src/core/outcome/reason.ts';

const refused: Reason = { code: 'connectionRefused' };
const limited: Reason = { code: 'statusAndType', status: 429, type: 'rate_limit_error' };

/** Reasons that carry data, and their English. */
const withData: readonly (readonly [Reason, string])[] = [
  [{ code: 'noConnection', seconds: 5 }, 'no connection after 5 s'],
  [{ code: 'noFirstByte', seconds: 120 }, 'no first byte after 120 s'],
  [{ code: 'noContent', seconds: 0.5 }, 'no content after 0.5 s'],
  [{ code: 'streamSilent', seconds: 240 }, 'answer silent after 240 s'],
  [{ code: 'connectionFailed', error: 'EPROTO' }, 'connection failed: EPROTO'],
  [{ code: 'hostNotFound', error: 'ENOTFOUND' }, 'host name not found: ENOTFOUND'],
  [{ code: 'offline', error: 'ENETDOWN' }, 'offline: ENETDOWN'],
  [
    { code: 'machineShort', error: 'EMFILE' },
    'this machine has no descriptor, port or memory left for a connection: EMFILE',
  ],
  [{ code: 'notHttp', error: 'HPE_INVALID_CONSTANT' }, 'unparseable HTTP: HPE_INVALID_CONSTANT'],
  [{ code: 'error', error: 'ECONNREFUSED' }, 'ECONNREFUSED'],
  [
    { code: 'networkProxy', from: 'HTTPS_PROXY', because: { code: 'error', error: '407' } },
    'network proxy (HTTPS_PROXY): 407',
  ],
  [{ code: 'httpProxyAnswered', status: 502 }, 'not reached by the HTTP proxy, which answered 502'],
  [{ code: 'socksProxy', because: { code: 'hostUnreachable' } }, 'not reached by the SOCKS5 proxy: host unreachable'],
  [{ code: 'status', status: 503 }, '503'],
  [limited, '429 rate_limit_error'],
  [{ code: 'byRule', status: 418 }, '418 by your rule'],
  [{ code: 'redirect', status: 302 }, '302 redirect'],
  [{ code: 'notApiAnswer', status: 200 }, '200 that is not an answer of the API'],
  [{ code: 'notEventStream', status: 200 }, '200 but not an event stream'],
  [{ code: 'webPage', status: 200 }, '200 with a web page'],
  [{ code: 'withoutReset', because: limited }, '429 rate_limit_error without a reset'],
  [{ code: 'inStream', because: limited }, '429 rate_limit_error in the stream'],
  [{ code: 'inAnswer', because: limited }, '429 rate_limit_error in the answer'],
  [{ code: 'priority', level: 2 }, 'priority 2'],
  [{ code: 'goingHome', because: { code: 'priority', level: 1 } }, 'going home, priority 1'],
  [{ code: 'byTranslation', because: { code: 'onlyOne' } }, 'by translation, only one'],
  [{ code: 'cannotTake', what: 'documents' }, 'cannot take documents'],
  [{ code: 'otherDialect', dialect: 'openai' }, 'speaks another API (openai)'],
  [{ code: 'keyNotSet', variable: 'RELAY_KEY' }, 'key missing: no key in the variable RELAY_KEY'],
  [{ code: 'notChosen', because: { code: 'bound' } }, 'not chosen: bound'],
  [{ code: 'outOfCredit', because: { code: 'status', status: 402 } }, 'out of credit (402)'],
  [{ code: 'rateLimited', because: limited }, 'rate limited (429 rate_limit_error)'],
  [{ code: 'rateLimitedFor', because: limited, model: 'opus' }, 'rate limited for opus (429 rate_limit_error)'],
  [{ code: 'overloaded', because: { code: 'status', status: 529 } }, 'overloaded (529)'],
  [{ code: 'oddAnswers', because: { code: 'webPage', status: 200 } }, 'unusable answers: 200 with a web page'],
  [{ code: 'modelRefused', because: { code: 'status', status: 404 }, model: 'opus' }, 'does not have opus (404)'],
  [{ code: 'keyRefused', because: { code: 'status', status: 401 } }, 'key refused: 401'],
  [{ code: 'paused', because: refused }, 'paused after failures: connection refused'],
  [{ code: 'pausedAfter', because: refused, count: 3 }, 'paused after 3 failures: connection refused'],
  [{ code: 'trial', because: refused }, 'the next request is its trial: connection refused'],
  [{ code: 'down', because: refused }, 'down: connection refused'],
  [{ code: 'requestFailed', because: refused }, 'the last request failed: connection refused'],
  [{ code: 'checkFailed', because: { code: 'status', status: 500 } }, 'the last check failed: 500'],
  [{ code: 'withoutModel', because: limited }, '429 rate_limit_error (only requests without a model)'],
  [{ code: 'prose', text: 'words of an earlier version' }, 'words of an earlier version'],
];

const isBare = (text: string): boolean => !text.includes('{');
const bare = (Object.keys(englishReasons) as ReasonCode[]).flatMap((code): [Reason, string][] => {
  const text = englishReasons[code];
  return isBare(text) ? [[{ code } as Reason, text]] : [];
});

/** A reason of each code, and its English. */
export const reasonSamples: readonly (readonly [Reason, string])[] = [...withData, ...bare];
