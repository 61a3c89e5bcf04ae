import assert from 'node:assert/strict';
import fc from 'fast-check';
import { parse } from 'jsonc-parser';
import {
  claudeVariable,
  withClaudeVariables,
  withNamedValues,
  withoutNamedValues,
  withoutOurVariables,
} from '../../../../../src/ui/model/clients/claudeSettings.ts';

const url = 'http://127.0.0.1:8417';
const token = 'our-token';
const ours = { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token };

interface Settings {
  readonly env?: Readonly<Record<string, unknown>>;
}

const connected = (text: string) => withClaudeVariables(text, ours);
const disconnected = (text: string, backup: string) => withoutOurVariables(text, backup, url, token);
const read = (text: string) => parse(text) as Settings;

/** Files as people have them. */
const files: Readonly<Record<string, string>> = {
  usual: '{\n  "model": "opus",\n  "permissions": { "allow": ["Bash(ls)"] }\n}\n',
  'without a last line end': '{\n  "model": "opus"\n}',
  'with other variables': '{\n  "env": {\n    "DISABLE_TELEMETRY": "1"\n  },\n  "model": "opus"\n}\n',
  'with a relay':
    '{\n  "env": {\n    "ANTHROPIC_BASE_URL": "https://relay.example",\n    "ANTHROPIC_AUTH_TOKEN": "sk-relay"\n  }\n}\n',
  'with comments': '// mine\n{\n  /* which */\n  "model": "opus" // big\n}\n',
  'with a comma too many': '{\n  "model": "opus",\n}\n',
  'of Windows': '{\r\n  "model": "opus"\r\n}\r\n',
  'of four spaces': '{\n    "env": {\n        "A": "1"\n    },\n    "model": "opus"\n}\n',
  'of tabs': '{\n\t"env": {\n\t\t"A": "1"\n\t},\n\t"model": "opus"\n}\n',
  'of one line': '{"model":"opus"}',
  'of one line with variables': '{"env":{"A":"1"},"model":"opus"}\n',
  'with nothing in it': '{}\n',
  'with no variables': '{\n  "env": {}\n}\n',
  'with a byte order mark': '\uFEFF{\n  "model": "opus"\n}\n',
};

/** Files that are no settings; their owner has to see to them first. */
const strange: readonly string[] = [
  ...['hello', '<html></html>', '[]', '[1, 2]', '"text"', '5', 'null', '{ "model": "opus"', '{"model":"opus"}}'],
  ...['{"model":"opus"} and more', '{model: "opus"}', '{"model" "opus"}', '{"env": {"A": "1"', '}'],
];

describe('claudeVariable', () => {
  it('is what the file gives to Claude Code', () => {
    assert.equal(claudeVariable(files['with a relay'] ?? '', 'ANTHROPIC_BASE_URL'), 'https://relay.example');
    assert.equal(claudeVariable('// x\n{ "env": { "A": "1", }, }', 'A'), '1');
  });

  it('is not there where the file gives none', () => {
    for (const text of [
      '',
      '{}',
      '{"env":{}}',
      '{"env":null}',
      '{"env":"A"}',
      '{"env":["A"]}',
      '{"env":{"A":5}}',
      '{"A":"1"}',
    ]) {
      assert.equal(claudeVariable(text, 'A'), undefined, text);
    }
    assert.equal(claudeVariable('{"env":{}}', 'constructor'), undefined);
  });

  it('is not there where the text is no settings', () => {
    for (const text of strange) assert.equal(claudeVariable(text, 'A'), undefined, text);
  });
});

describe('withClaudeVariables', () => {
  it('sets ours, and changes no other setting', () => {
    for (const [name, text] of Object.entries(files)) {
      const { env: before, ...others } = read(text);
      const { env: after, ...same } = read(connected(text));
      assert.deepEqual(after, { ...before, ...ours }, name);
      assert.deepEqual(same, others, name);
    }
  });

  it('makes a file where there is none', () => {
    for (const text of ['', '\n', '  ']) assert.deepEqual(read(connected(text)), { env: ours });
    assert.match(connected(''), /^\{\n {2}"env": \{\n {4}"ANTHROPIC_BASE_URL": "http:.*\n\}\n$/s);
  });

  it('leaves each line as it is written', () => {
    const linesOf = (text: string) => text.split('\n').map((line) => line.replace(/,(\s*)$/, '$1'));
    const changed = Object.entries(files).flatMap(([name, text]) => {
      const after = new Set(linesOf(connected(text)));
      const lost = linesOf(text).filter((line) => !after.has(line));
      return /\n./.test(text) && !/\/\/|"env": \{\}/.test(text) ? lost.map((line) => `${name}: ${line}`) : [];
    });
    assert.deepEqual(changed, []);
  });

  it('loses no comment', () => {
    for (const comment of ['// mine', '/* which */', '// big']) {
      assert.ok(connected(files['with comments'] ?? '').includes(comment), comment);
    }
  });

  it('keeps the line ends of the file', () => {
    assert.doesNotMatch(connected(files['of Windows'] ?? ''), /[^\r]\n/);
    assert.doesNotMatch(connected(files['usual'] ?? ''), /\r/);
  });

  it('may be done twice', () => {
    for (const text of Object.values(files)) assert.equal(connected(connected(text)), connected(text));
  });

  it('takes away what is to have no value', () => {
    const { env } = read(
      withClaudeVariables(connected(files['with other variables'] ?? ''), { ANTHROPIC_BASE_URL: undefined }),
    );
    assert.deepEqual(env, { DISABLE_TELEMETRY: '1', ANTHROPIC_AUTH_TOKEN: token });
    assert.equal(withClaudeVariables('{}', { A: undefined }), '{}');
  });

  // The caller overwrites the only file with the result.
  it('does not write into a file that is no settings', () => {
    const isWrittenInto = (text: string) => {
      try {
        return connected(text) !== text;
      } catch {
        return false;
      }
    };
    assert.deepEqual(strange.filter(isWrittenInto), []);
  });

  it('does not write into variables that are none', () => {
    for (const text of ['{"env":"A=1"}', '{"env":["A=1"]}', '{"env":5}']) assert.throws(() => connected(text), text);
  });
});

describe('withoutOurVariables', () => {
  it('brings back the file, byte for byte', () => {
    const others = Object.entries(files).filter(([, text]) => disconnected(connected(text), text) !== text);
    assert.deepEqual(
      others.map(([name]) => name),
      [],
    );
  });

  it('brings back whatever settings, byte for byte', () => {
    const value = fc.jsonValue({ maxDepth: 2 });
    const settings = fc.dictionary(fc.string(), value, { noNullPrototype: true });
    const env = fc.option(fc.dictionary(fc.constantFrom('A', 'B', 'ANTHROPIC_BASE_URL', ''), fc.string()), {
      nil: undefined,
    });
    const indent = fc.constantFrom<string | number>(2, 4, '\t');
    fc.assert(
      fc.property(settings, env, indent, fc.boolean(), ({ env: _, ...others }, variables, space, isEnded) => {
        const document = variables === undefined ? others : { ...others, env: variables };
        const text = JSON.stringify(document, null, space) + (isEnded ? '\n' : '');
        assert.equal(disconnected(connected(text), text), text);
      }),
      { numRuns: 200 },
    );
  });

  it('leaves what has changed since', () => {
    const before = files['with other variables'] ?? '';
    const now = connected(before).replace('"opus"', '"sonnet"').replace('"1"', '"0"');
    assert.deepEqual(read(disconnected(now, before)), { env: { DISABLE_TELEMETRY: '0' }, model: 'sonnet' });
  });

  it('leaves an entry of ours that somebody has changed', () => {
    const before = files['with a relay'] ?? '';
    const now = connected(before).replace(url, 'https://other.example');
    const { env } = read(disconnected(now, before));
    assert.deepEqual(env, { ANTHROPIC_BASE_URL: 'https://other.example', ANTHROPIC_AUTH_TOKEN: 'sk-relay' });
  });

  it('leaves variables that came since', () => {
    const now = withClaudeVariables(connected('{}\n'), { LATER: '1' });
    assert.deepEqual(read(disconnected(now, '{}\n')), { env: { LATER: '1' } });
  });

  it('does nothing to a file that is not connected, or that has been broken since', () => {
    for (const text of [...Object.values(files), 'hello', '{ "model": ', '[]', '']) {
      assert.equal(disconnected(text, '{}\n'), text);
    }
  });
});

describe('withNamedValues', () => {
  const others = [{ name: 'A', value: '1' }];

  it('puts ours behind the others, once', () => {
    const expected = [
      ...others,
      { name: 'ANTHROPIC_BASE_URL', value: url },
      { name: 'ANTHROPIC_AUTH_TOKEN', value: token },
    ];
    assert.deepEqual(withNamedValues(others, ours), expected);
    assert.deepEqual(withNamedValues(expected, ours), expected);
    assert.deepEqual(withoutNamedValues(expected), others);
  });

  it('begins a list where there is none', () => {
    for (const nothing of [undefined, null, 'text', 5]) {
      assert.equal(withNamedValues(nothing, ours).length, 2);
      assert.deepEqual(withoutNamedValues(nothing), []);
    }
  });

  it('leaves elements that are none of its business', () => {
    const odd: unknown = [null, 5, 'A=1', { value: 'x' }, { name: 'B', value: 2 }];
    assert.deepEqual(withoutNamedValues(odd), odd);
  });
});
