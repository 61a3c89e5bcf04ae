import assert from 'node:assert/strict';
import { anthropicError, cloudflarePage } from '../../../src/simulated/behaviour.ts';
import { assertWholeAnswer, attemptsOf, message, type Scene, startScene } from '../../support/scenes/scene.ts';

describe('a rule of the user', () => {
  let scene: Scene;

  before(async () => {
    const rules = [
      { status: 400, message: 'not enabled for this organization', endpoint: 'first', class: 'billing' },
      { status: 529, errorType: 'overloaded_error', class: 'request' },
      { status: 418, class: 'overloaded' },
    ];
    scene = await startScene({ config: { rules, recovery: { enabled: false } } });
  });

  beforeEach(() => scene.renew());

  after(() => scene.close());

  const say = () => scene.ask('/v1/messages', { json: message() });
  const notEnabled = anthropicError('invalid_request_error', {
    message: 'Fast mode is not enabled for this organization.',
  });

  it('holds for the endpoint that it names only', async () => {
    scene.first.behave(anthropicError('overloaded_error', { status: 418 }));
    scene.second.behave(notEnabled);
    const reply = await say();
    assert.equal(reply.status, 400);
    assert.deepEqual(attemptsOf(await scene.recordOf(reply)), ['first:overloaded', 'second:request']);
  });

  it('can send back what would be tried elsewhere', async () => {
    scene.first.behave(anthropicError('overloaded_error'));
    assert.equal((await say()).status, 529);
    assert.deepEqual(scene.counts(), [1, 0]);
  });

  it('that does not match leaves the verdict as it is', async () => {
    scene.first.behave(anthropicError('invalid_request_error', { message: 'something else' }));
    assert.equal((await say()).status, 400);
    scene.first.behave(cloudflarePage(529));
    assertWholeAnswer(await say(), scene.second);
  });
});
