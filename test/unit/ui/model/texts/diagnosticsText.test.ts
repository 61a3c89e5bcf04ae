import assert from 'node:assert/strict';
import fc from 'fast-check';
import { secretsOfEnvironment, withoutSecrets } from '../../../../../src/ui/model/settings/withoutSecrets.ts';
import { type DiagnosticsFacts, diagnosticsText } from '../../../../../src/ui/model/texts/diagnosticsText.ts';
import { endpointSnapshot, snapshot } from '../snapshotParts.ts';

function facts(parts: Partial<DiagnosticsFacts> = {}): DiagnosticsFacts {
  return {
    writtenAt: '2026-11-25T12:00:00.000Z',
    versions: { extension: '0.1.0+abc', 'Node.js': '24.1.0' },
    status: { kind: 'running', snapshot: snapshot({ endpoints: [endpointSnapshot()] }) },
    document: { port: 8417 },
    windowSettings: { autoStart: true },
    problems: [],
    keys: { first: 'secret storage' },
    log: ['{"level":30,"msg":"listening"}'],
    lastWords: '',
    folder: [{ name: 'control-token', mode: '600', bytes: 43, changedAt: '2026-11-25T11:00:00.000Z', isOurs: true }],
    variables: ['HTTPS_PROXY'],
    secrets: [],
    places: [
      ['/home/me/state', '<state folder>'],
      ['/home/me', '~'],
    ],
    ...parts,
  };
}

/** With characters that every way of writing changes. */
const secret = fc.tuple(fc.uuid(), fc.stringMatching(/^[ -~]{0,12}$/)).map(([uuid, more]) => `${uuid}"\\ü${more}`);

describe('diagnostics', () => {
  it('have all parts of a running gateway, and say what is left out', () => {
    const text = diagnosticsText(facts());
    const titles = [...text.matchAll(/^## (.+)$/gm)].map(([, title]) => title);
    assert.deepEqual(titles, [
      'Versions',
      'The gateway',
      'Problems of the settings',
      'Configuration',
      'Settings of windows',
      'Keys',
      'Endpoints',
      'Totals',
      'Sessions',
      'Requests and decisions, newest first',
      'Log of the gateway, the last lines',
      'Last words of a gateway that died',
      'State folder',
      'Variables of the environment that are set',
    ]);
    assert.match(text, /\*\*Left out:\*\* API keys, tokens/);
    assert.match(text, /"extension": "0\.1\.0\+abc"/);
    assert.match(text, /^600 +43 2026-11-25T11:00:00\.000Z {2}control-token$/m);
    assert.match(text, /"breaker":\{"state":"closed"/);
    assert.ok(!text.includes('missing'));
  });

  it('name no folder of a person, on Windows either, and cut a secret that has one in it', () => {
    const home = 'C:\\Users\\somebody';
    const key = `sk-${home}-0123456789`;
    const text = diagnosticsText(
      facts({
        document: { caCertificates: [`${home}\\ca.pem`] },
        log: [JSON.stringify({ msg: 'listening', stateDir: `${home}\\state` }), `attempt failed ${key}`],
        places: [[home, '~']],
        secrets: [key],
      }),
    );
    assert.ok(!text.includes('somebody'), text);
    assert.ok(!text.includes('0123456789'), text);
  });

  it('say what is missing while the gateway does not run, or is of another version', () => {
    const stopped = diagnosticsText(facts({ status: { kind: 'stopped' } }));
    assert.match(
      stopped,
      /State: stopped\. So the states of endpoints, sessions and requests are \*\*missing\*\* here\./,
    );
    assert.match(stopped, /"msg":"listening"/, 'the log is there all the same');
    const failure = { kind: 'otherProtocol', build: '9.9.9+next' } as const;
    const other = diagnosticsText(facts({ status: { kind: 'failed', failure } }));
    assert.match(other, /of a version that this extension does not understand/);
    assert.match(other, /9\.9\.9\+next/);
  });

  it('say why the state folder cannot be read', () => {
    assert.match(diagnosticsText(facts({ folder: 'ENOENT' })), /## State folder\n\nCannot be read: ENOENT/);
  });

  it('do not tell where a person has his home', () => {
    const text = diagnosticsText(facts({ lastWords: 'Error: /home/me/state/x and /home/me/.vscode/y' }));
    assert.match(text, /Error: <state folder>\/x and ~\/\.vscode\/y/);
  });

  it('keep the form of Markdown, whatever a log line holds', () => {
    const text = diagnosticsText(facts({ log: ['```', '# no heading', '````'] }));
    assert.ok(text.includes('`````text\n```\n# no heading\n````\n`````'), text);
  });

  it('never show a secret, wherever it was and however it was written', () => {
    fc.assert(
      fc.property(secret, (planted) => {
        const uri = encodeURIComponent(planted);
        const base64 = Buffer.from(`me:${planted}`).toString('base64');
        const plain = `${planted} ${JSON.stringify({ planted })} ?q=${uri} ${base64}`;
        const found = snapshot({
          endpoints: [endpointSnapshot({ reason: plain, baseUrl: `https://x.invalid/${uri}`, name: planted })],
          sessions: [
            {
              id: 's',
              endpointId: 'first',
              isBound: true,
              client: planted,
              boundAtMs: 0,
              lastUsedMs: 0,
              requestCount: 1,
            },
          ],
        });
        const text = diagnosticsText(
          facts({
            status: { kind: 'running', snapshot: found },
            document: {
              endpoints: [{ id: 'first', baseUrl: 'https://a.example', headers: { x: planted }, name: planted }],
            },
            windowSettings: { odd: plain },
            problems: [{ path: `endpoints[0].${planted}`, message: plain }],
            log: [JSON.stringify({ msg: plain }), plain],
            lastWords: plain,
            variables: [planted],
            secrets: [planted],
          }),
        );
        const [uuid = ''] = planted.split('"');
        const forms = [uuid, Buffer.from(uuid).toString('hex'), ...[0, 1, 2].map((shift) => inBase64(uuid, shift))];
        for (const form of forms) assert.ok(!text.includes(form), `${form} in ${text}`);
      }),
    );
  });
});

/** The middle of a text in base64, as it is behind that many bytes. */
function inBase64(text: string, shift: number): string {
  return Buffer.from(`${'x'.repeat(shift)}${text}`)
    .toString('base64')
    .slice(4, 40);
}

describe('a text without secrets', () => {
  it('has nothing either that looks like one', () => {
    const samples = [
      'sk-ant-api03-AbCdEf0123456789',
      'ghp_0123456789abcdefABCDEF',
      'github_pat_0123456789abcdef',
      'AIzaSyA0123456789abcdef',
      'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl',
      'xoxb-0123456789-abcdef',
    ];
    for (const one of samples) assert.equal(withoutSecrets(`say ${one}!`, []), 'say [redacted]!', one);
    assert.equal(withoutSecrets('Authorization: Bearer abcdef0123456789==', []), 'Authorization: Bearer [redacted]');
    assert.equal(
      withoutSecrets('https://me:pw@host/x and http://me@host', []),
      'https://[redacted]@host/x and http://[redacted]@host',
    );
  });

  it('keeps what only resembles one', () => {
    const text =
      'a task-based risk-assessment at http://127.0.0.1:8417/v1, key missing, claude-opus-4-6, 0.1.0+069c6bd434e6';
    assert.equal(withoutSecrets(text, []), text);
  });
});

describe('the secrets of an environment', () => {
  it('are told by the names of variables', () => {
    const env = {
      ANTHROPIC_API_KEY: 'one',
      anthropic_auth_token: 'two',
      DB_PASSWORD: 'three',
      AWS_SECRET_ACCESS_KEY: 'four',
      SESSION_TOKEN_V2: 'five',
      MY_CREDENTIALS: 'six',
      PATH: '/bin',
      SSH_AUTH_SOCK: '/tmp/agent',
      KEYBOARD: 'de',
      GIT_AUTHOR_NAME: 'me',
      GOOGLE_CREDENTIALS: 'C:\\key.json',
      LANG: 'C',
    };
    assert.deepEqual(secretsOfEnvironment(env), ['one', 'two', 'three', 'four', 'five', 'six']);
  });
});
