import assert from 'node:assert/strict';
import { noEvidence } from '../../../../src/core/outcome/evidence.ts';
import { missesPath, namesModel } from '../../../../src/core/outcome/namesIn.ts';
import { evidenceOf } from '../../../support/evidenceOf.ts';

describe('namesModel', () => {
  it('finds a model as a whole word', () => {
    for (const message of [
      'gpt-5',
      'The model `gpt-5` does not exist',
      'model: gpt-5.',
      'model:gpt-5',
      'models/gpt-5 is not found',
      'No such model (GPT-5)!',
      'not gpt-5-mini, but gpt-5',
      'gpt-5: no',
      '没有模型“gpt-5”',
    ]) {
      assert.equal(namesModel(message, 'gpt-5'), true, message);
    }
  });

  it('finds no model that is only a part of another word', () => {
    for (const message of [
      'gpt-5-mini does not exist',
      'gpt-5.1 does not exist',
      'gpt-5o',
      'gpt-5_x',
      'my-gpt-5',
      'xgpt-5',
      'v1.gpt-5',
      'a_gpt-5',
      'gpt-5:free is gone',
      'gpt-5/large',
      'gpt-5@2026',
      'égpt-5',
      '',
    ]) {
      assert.equal(namesModel(message, 'gpt-5'), false, message);
    }
    assert.equal(namesModel('anything', ''), false);
    assert.equal(namesModel('undefined', undefined), false);
  });
});

describe('missesPath', () => {
  const path = '/v1/responses';

  it('F24: hears it from JSON that says no more than that nothing was found', () => {
    for (const message of [
      '',
      'Not Found',
      'not found.',
      'Not found!',
      '404: Not Found',
      '404 Not Found',
      'Error: Not Found',
      'Error Not Found',
      'error:Not Found',
      'error:  not found',
      '404:Not Found',
      '404:  Not Found',
      'Path not found',
      'Resource not found',
      'not_found',
      '  Not Found ',
    ]) {
      assert.equal(missesPath(evidenceOf({ message }), path), true, message);
      assert.equal(missesPath({ ...noEvidence, message, form: 'text' }, path), false, `as a text: ${message}`);
    }
  });

  it('F24: hears it from any text that names the path or the route', () => {
    for (const message of [
      'Cannot POST /v1/responses',
      'Cannot POST /api/responses',
      'Invalid URL (POST /v1/responses)',
      'Unknown request URL: POST /x',
      'no Route matched with those values',
      'No such endpoint',
      '404 page not found',
      'Route POST:/x not found',
      'Route not found',
      'unknown path',
      'nothing at /v1/responses',
    ]) {
      for (const form of ['json', 'text'] as const) {
        assert.equal(missesPath({ ...noEvidence, message, form }, path), true, `${form}: ${message}`);
      }
    }
  });

  it('F24: hears nothing of the kind from other errors', () => {
    for (const message of [
      'File file-1 not found',
      'Not Found: previous response',
      'The page not found here was moved',
      'model not found',
      'Something is not found',
      'invalid urlencoding',
      'said 404 page not found',
      '404 page not found in the index',
      `${'x'.repeat(1000)} no such route`,
    ]) {
      for (const form of ['json', 'text'] as const) {
        assert.equal(missesPath({ ...noEvidence, message, form }, path), false, `${form}: ${message}`);
      }
    }
    assert.equal(missesPath(evidenceOf({ message: 'at /v1/responses' }), undefined), false);
    assert.equal(missesPath(evidenceOf({ message: 'undefined' }), undefined), false);
    assert.equal(missesPath(noEvidence, path), false, 'nothing was said');
  });
});
