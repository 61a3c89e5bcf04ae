import { englishReasons, type Reason, type ReasonCode } from '../../../../src/core/outcome/reason.ts';

const refused: Reason = { code: 'connectionRefused' };
const limited: Reason = { code: 'statusAndType', status: 429, type: 'rate_limit_error' };

/** Reasons that carry data, and their English. */
const withData: readonly (readonly [Reason, string])[] = [
  [{ code: 'noConnection', seconds: 5 }, 'no connection after 5 s'],
  [{ code: 'noFirstByte', seconds: 120 }, 'no first byte after 120 s'],
  [{ code: 'noContent', seconds: 0.5 }, 'no content after 0.5 s'],
  [{ code: 'streamSilent', seconds: 240 }, 'stream silent after 240 s'],
  [{ code: 'connectionFailed', error: 'EPROTO' }, 'connection failed: EPROTO'],
  [{ code: 'hostNotFound', error: 'ENOTFOUND' }, 'host name not found: ENOTFOUND'],
  [{ code: 'offline', error: 'ENETDOWN' }, 'offline: ENETDOWN'],
  [
    { code: 'machineShort', error: 'EMFILE' },
    'this machine has no descriptor, port or memory left for a connection: EMFILE',
  ],
  [{ code: 'notHttp', error: 'HPE_INVALID_CONSTANT' }, 'unparseable HTTP: HPE_INVALID_CONSTANT'],
  [{ code: 'error', error: 'ECONNREFUSED' }, 'ECONNREFUSED'],
  [{ code: 'networkProxy', because: { code: 'error', error: '407' } }, 'network proxy: 407'],
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
  [{ code: 'priority', level: 2 }, 'priority 2'],
  [{ code: 'goingHome', because: { code: 'priority', level: 1 } }, 'going home, priority 1'],
  [{ code: 'otherDialect', dialect: 'openai' }, 'speaks openai'],
  [{ code: 'notChosen', because: { code: 'bound' } }, 'not chosen: bound'],
  [{ code: 'coolingBecause', because: limited }, 'cooling: 429 rate_limit_error'],
  [{ code: 'openBecause', because: refused }, 'open: connection refused'],
  [{ code: 'halfOpenBecause', because: refused }, 'halfOpen: connection refused'],
  [{ code: 'suspendedBecause', because: { code: 'status', status: 401 } }, 'suspended: 401'],
  [{ code: 'forKey', because: limited }, '429 rate_limit_error (key)'],
  [{ code: 'forModel', because: limited, model: 'opus' }, '429 rate_limit_error (only opus)'],
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
