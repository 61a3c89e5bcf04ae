import assert from 'node:assert/strict';
import { routeOf } from '../../../../src/proxy/client/routes.ts';

/** The kind of route and the path for the endpoint; undefined outside the API. */
function routed(line: string): string | undefined {
  const [method = '', target = ''] = line.split(' ');
  const route = routeOf(method, target, false);
  return route && `${route.kind} ${route.path}`;
}

function table(prefix: string, rows: Readonly<Record<string, string | undefined>>): void {
  for (const [line, expected] of Object.entries(rows)) {
    it(`${prefix} ${line}: ${expected ?? 'nothing of the API'}`, () => assert.equal(routed(line), expected));
  }
}

describe('routeOf', () => {
  table('F20: names of models,', {
    'GET /v1/models/name@date': 'once /v1/models/name@date',
    'GET /v1/models/claude-opus-4@20250514?x=1': 'once /v1/models/claude-opus-4@20250514?x=1',
    'GET /v1/models/@cf/meta/llama-3.1-8b': 'once /v1/models/@cf/meta/llama-3.1-8b',
    'GET /v1/models/org/name+tag,v=2': 'once /v1/models/org/name+tag,v=2',
    'GET /v1/models/name%40date': 'once /v1/models/name%40date',
    'GET /v1/models/meta-llama%2FLlama-3': 'once /v1/models/meta-llama%2FLlama-3',
  });

  table('F20: slashes,', {
    'POST //v1/messages': 'model /v1/messages',
    'POST /v1//chat/completions': 'model /v1/chat/completions',
    'POST ///v1///responses': 'model /v1/responses',
    'POST /v1/messages/': 'model /v1/messages',
    'POST /v1/messages/?beta=true': 'model /v1/messages?beta=true',
    'GET /v1/models/': 'models /v1/models',
    'GET //v1/files//': 'once /v1/files',
    'POST /v1//v1/messages': 'model /v1/messages',
  });

  table('F25: without /v1,', {
    'POST /responses': 'model /v1/responses',
    'POST /chat/completions': 'model /v1/chat/completions',
    'POST /messages': 'model /v1/messages',
    'POST /messages/count_tokens': 'model /v1/messages/count_tokens',
    'POST /messages/?beta=true': 'model /v1/messages?beta=true',
    'POST /messages?beta=true': 'model /v1/messages?beta=true',
    'GET /models': 'models /v1/models',
    'GET /models/name@date': 'once /v1/models/name@date',
    'GET /responses/resp_1/input_items': 'once /v1/responses/resp_1/input_items',
    'POST /responses/compact': 'once /v1/responses/compact',
    'POST /embeddings': 'model /v1/embeddings',
    'POST //messages': 'model /v1/messages',
    'GET /files/file_1': 'once /v1/files/file_1',
    'POST /audio/transcriptions': 'once /v1/audio/transcriptions',
  });

  table('F20: as before,', {
    'GET /v1/models/..%2f..%2fadmin': undefined,
    'GET /v1/models/%2e%2e/admin': undefined,
    'GET /v1/models/%2E': undefined,
    'GET /v1/models/a%252e': undefined,
    'GET /v1/models/a%5c..%5cadmin': undefined,
    'GET /v1/models/a%00': undefined,
    'GET /v1/models/a%2F%2Fevil.example': undefined,
    'GET //evil.example/v1/models': undefined,
    'GET /models/../admin': undefined,
    'GET /models//evil.example': undefined,
    'GET /v1/@evil.example': undefined,
    'GET /v1//evil.example': undefined,
    'GET /V1/models': undefined,
    'GET /modelsx': undefined,
    'GET /v2/models': undefined,
    'GET /v1': undefined,
    'GET /v1/': undefined,
    'GET /messages': undefined,
    'TRACE /files': undefined,
  });
});
