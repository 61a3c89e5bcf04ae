import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mappedModel, modelFamily, servesModel } from '../../../../src/core/config/modelName.ts';

describe('modelFamily', () => {
  it('is the tier of a Claude model, in every way it is written', () => {
    const haiku = [
      'claude-3-5-haiku-20241022',
      'claude-haiku-4-5',
      'Claude-Haiku-4-5-20251001',
      'claude-3-haiku@20240307',
    ];
    assert.deepEqual(new Set(haiku.map(modelFamily)).size, 1);
    const opus = ['claude-opus-4-1', 'claude-3-opus-latest'];
    assert.equal(new Set(opus.map(modelFamily)).size, 1);
    const tiers = ['claude-haiku-4-5', 'claude-sonnet-4-5', 'claude-opus-4-1', 'gpt-4o'].map(modelFamily);
    assert.equal(new Set(tiers).size, 4);
  });

  it('is the model itself for others, whatever date it carries', () => {
    assert.equal(modelFamily('gpt-4o-2024-08-06'), modelFamily('gpt-4o'));
    assert.equal(modelFamily('some-model-20250101'), modelFamily('Some-Model'));
    assert.notEqual(modelFamily('gpt-4o'), modelFamily('gpt-4o-mini'));
    assert.notEqual(modelFamily('my-sonnet-clone'), modelFamily('claude-sonnet-4-5'));
    assert.notEqual(modelFamily('not-claude-sonnet'), modelFamily('claude-sonnet-4-5'));
    assert.equal(modelFamily('GPT-5-2025-08-07'), 'gpt-5');
    assert.equal(modelFamily('gpt-4o-2024-08-06-tuned'), 'gpt-4o-2024-08-06-tuned', 'a date at the end only');
  });
});

describe('servesModel', () => {
  it('serves everything without patterns, and nothing with none', () => {
    assert.equal(servesModel(undefined, 'm'), true);
    assert.equal(servesModel([], 'm'), false);
    assert.equal(servesModel(['claude-*'], undefined), true, 'a request without a model');
  });

  it('takes * for any run of characters, at any place', () => {
    const serves = (pattern: string, model: string) => servesModel([pattern], model);
    assert.equal(serves('claude-*', 'claude-sonnet-4-5'), true);
    assert.equal(serves('claude-*', 'my-claude-x'), false);
    assert.equal(serves('*-haiku-*', 'claude-3-haiku-20240307'), true);
    assert.equal(serves('a*a', 'a'), false);
    assert.equal(serves('*', ''), true);
    assert.equal(serves('GPT-4O', 'gpt-4o'), true);
    assert.equal(serves('gpt-4.', 'gpt-4o'), false, 'a dot is a dot');
    assert.equal(servesModel(['x', 'gpt-*'], 'gpt-4o'), true);
  });

  it('does what a regular expression would', () => {
    const part = fc.constantFrom('a', 'b', 'ab', '*', '**', '.', '');
    const text = (from: fc.Arbitrary<string>) => fc.array(from, { maxLength: 7 }).map((parts) => parts.join(''));
    const property = fc.property(text(part), text(fc.constantFrom('a', 'b', '.')), (pattern, model) => {
      const source = pattern.replaceAll('.', '\\.').replaceAll(/\*+/g, '.*');
      assert.equal(servesModel([pattern], model), new RegExp(`^${source}$`).test(model));
    });
    fc.assert(property, { numRuns: 5000 });
  });

  it('is quick for patterns that make regular expressions slow', () => {
    assert.equal(servesModel([`${'*a'.repeat(500)}*b`], 'a'.repeat(10_000)), false);
  });
});

describe('mappedModel', () => {
  it('gives the name at the endpoint, or the same where none is given', () => {
    assert.equal(mappedModel({ 'claude-haiku-*': 'small' }, 'claude-haiku-4-5'), 'small');
    assert.equal(mappedModel({ 'claude-haiku-*': 'small' }, 'claude-opus-4-1'), 'claude-opus-4-1');
    assert.equal(mappedModel({}, 'm'), 'm');
  });

  it('takes the most exact of several patterns, in any order', () => {
    const patterns = { '*': 'any', 'claude-*': 'claude', 'claude-haiku-*': 'small', 'claude-haiku-4-5': 'exact' };
    for (const order of [Object.entries(patterns), Object.entries(patterns).reverse()]) {
      const map = Object.fromEntries(order);
      const names = ['claude-haiku-4-5', 'claude-haiku-3', 'claude-opus-4-1', 'gpt-4o'].map((one) =>
        mappedModel(map, one),
      );
      assert.deepEqual(names, ['exact', 'small', 'claude', 'any']);
    }
  });

  it('measures how exact a pattern is by its letters, not by its stars', () => {
    const patterns = { '*o*p*u*s*': 'spread', 'claud*': 'begin' };
    for (const order of [Object.entries(patterns), Object.entries(patterns).reverse()]) {
      assert.equal(mappedModel(Object.fromEntries(order), 'claude-opus-4-1'), 'begin');
    }
  });

  it('takes names that objects have by nature for models', () => {
    for (const name of ['constructor', '__proto__', 'toString', '']) assert.equal(mappedModel({}, name), name);
  });
});
