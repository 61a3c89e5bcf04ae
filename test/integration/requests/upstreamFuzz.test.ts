import assert from 'node:assert/strict';
import { fuzzUpstream } from '../../fuzz/fuzzUpstream.ts';

describe('generated answers', () => {
  it('are read by our client as by undici, or as the list of differences says (more of them: npm run fuzz)', async () => {
    const { answers, complete, failures } = await fuzzUpstream({ firstSeed: 1, count: 4000, lanes: 32 });
    assert.deepEqual(failures, []);
    assert.equal(answers, 4000);
    assert.ok(complete > answers / 2, `${complete} of ${answers} are whole answers`);
  });
});
