import type { ServerResponse } from 'node:http';
import type { AttemptResult } from '../../core/outcome/outcome.ts';
import type { Usage } from '../../core/record/record.ts';
import { SseFrames } from '../../dialect/sseFrames.ts';
import { errorFrame } from '../../dialect/streamEnding.ts';
import { clientWriter, cutOff } from '../answer/clientWriter.ts';
import type { HoldLimit, PassingAnswer } from '../answer/passingAnswer.ts';
import { lateFailure, notAStream, saidNothing } from '../answer/prelude.ts';
import { SseObserver } from '../answer/sseObserver.ts';
import { whatCame } from '../answer/streamAnswer.ts';
import { breakMessage, type StreamEnding } from '../answer/streamRelay.ts';
import { type Coding, misencoded } from '../http/contentDecoder.ts';
import { DecodedCopy } from '../http/decodedCopy.ts';
import type { Attempt, ByteSink } from '../upstream/attempt.ts';
import type { StreamTranslator } from './streamTranslator.ts';

/** No answer is so long: 250,000 tokens are about 100 MB of events. */
const decodedLimitBytes = 256 * 1024 * 1024;
/** As much of something that is no stream is read for what it says. */
const foreignLimitBytes = 64 * 1024;
const foreignMs = 5000;
/** The endpoint broke a rule of its format, such as a call without a name. */
const unusable: AttemptResult = { kind: 'malformed', reason: { code: 'notApiAnswer', status: 200 } };
/** How long an endpoint may take to end its body after the end of its answer before its socket is given up. */
const afterEndMs = 1000;

/**
 * A stream that is written to the client in another format. It is judged by the endpoint's events; its content has begun when
 * the translation has written some. Nothing goes to the client before that.
 */
export class TranslatedStream implements PassingAnswer, ByteSink {
  readonly failedStream = undefined;
  readonly beginning = undefined;
  readonly #attempt: Attempt;
  readonly #translator: StreamTranslator;
  readonly #ending: StreamEnding;
  readonly #observer: SseObserver;
  readonly #frames: SseFrames;
  readonly #coding: Coding;
  readonly #decoder: DecodedCopy | undefined;
  /** Written by the translator, and not yet passed on. */
  #text = '';
  /** Something came that is no stream: its bytes, for what they say. */
  #foreign: Buffer[] | undefined;
  #decide: ((failure: AttemptResult | undefined) => void) | undefined;
  #timer: NodeJS.Timeout | undefined;
  #endTimer: NodeJS.Timeout | undefined;
  #write: ((chunk: Buffer) => void) | undefined;
  #response: ServerResponse | undefined;
  #finish: ((result: AttemptResult) => void) | undefined;
  /** How the answer ended, before it is written on. */
  #end: AttemptResult | undefined;

  constructor(attempt: Attempt, translator: StreamTranslator, coding: Coding, ending: StreamEnding) {
    this.#attempt = attempt;
    this.#translator = translator;
    this.#ending = ending;
    this.#coding = coding;
    this.#observer = new SseObserver(translator.format, 1, undefined);
    this.#frames = new SseFrames((frame) => {
      const { errorFrom } = this.#observer.reader;
      if (errorFrom === undefined || frame.startOffset < errorFrom) this.#text += translator.read(frame);
    });
    this.#decoder =
      coding === undefined || coding === 'unknown'
        ? undefined
        : new DecodedCopy(coding, decodedLimitBytes, {
            data: (decoded) => this.#take(decoded),
            broken: () => this.#broken(misencoded),
          });
  }

  get usage(): Usage | undefined {
    return this.#translator.usage;
  }

  async hold(limit: HoldLimit): Promise<AttemptResult | undefined> {
    if (this.#coding === 'unknown') return misencoded;
    const failure = await new Promise<AttemptResult | undefined>((resolve) => {
      this.#decide = resolve;
      this.#timer = setTimeout(() => this.#settle(lateFailure(limit)), limit.ms);
      this.#attempt.pipe(this);
    });
    if (failure !== undefined) this.#decoder?.destroy();
    return failure === notAStream ? whatCame(Buffer.concat(this.#foreign ?? [])) : failure;
  }

  write(response: ServerResponse): Promise<AttemptResult> {
    return new Promise((resolve) => {
      this.#response = response;
      this.#finish = resolve;
      this.#write = clientWriter(this.#attempt, response);
      this.#pass();
      if (this.#end !== undefined) this.#close(this.#end);
      else this.#attempt.pipe(this);
    });
  }

  data(chunk: Buffer): void {
    if (this.#decoder !== undefined) this.#decoder.push(chunk);
    else this.#take(chunk);
  }

  end(): void {
    const ended = (): void => {
      this.#observer.finish(() => this.#bodyEnded());
    };
    if (this.#decoder === undefined) ended();
    else void this.#decoder.finish().then(ended);
  }

  failed(result: AttemptResult): void {
    if (result.kind === 'clientAbort') {
      this.#response?.destroy();
      this.#over(result);
    } else if (!this.#completed()) this.#broken(result);
  }

  #take(bytes: Buffer): void {
    if (this.#end !== undefined) return;
    const { endedBytes } = this.#frames;
    this.#observer.push(bytes);
    this.#frames.push(bytes);
    const isSilent = this.#text === '' && this.#frames.endedBytes > endedBytes;
    const { error, errorData: source, isForeign } = this.#observer.reader;
    const { hasFailed, hasContent, isComplete } = this.#translator;
    if (error !== undefined) {
      const phase = this.#isHeld ? 'prelude' : 'content';
      this.#broken({ kind: 'streamError', phase, place: 'stream', error, source });
    } else if (hasFailed) this.#broken(unusable);
    else if (isForeign && this.#isHeld) this.#keepForeign(bytes);
    else if (isComplete) this.#completed();
    else if (hasContent) this.#settle(undefined);
    if (isSilent && this.#write !== undefined && this.#end === undefined) this.#text = this.#translator.keepAlive();
    this.#pass();
    this.#awaitEnd();
  }

  /** A stop reason has come: counts and the terminal event may follow, for a moment. */
  #awaitEnd(): void {
    clearTimeout(this.#endTimer);
    if (this.#end === undefined && this.#translator.canEnd) {
      this.#endTimer = setTimeout(() => this.#completed(), afterEndMs);
    }
  }

  /** Nothing has gone to the client yet. */
  get #isHeld(): boolean {
    return this.#decide !== undefined;
  }

  #keepForeign(bytes: Buffer): void {
    if (this.#foreign === undefined) {
      this.#foreign = [];
      clearTimeout(this.#timer);
      this.#timer = setTimeout(() => this.#settle(notAStream), foreignMs);
    }
    this.#foreign.push(Buffer.from(bytes));
    if (this.#foreign.reduce((sum, { length }) => sum + length, 0) > foreignLimitBytes) this.#settle(notAStream);
  }

  #bodyEnded(): void {
    if (this.#end !== undefined) return;
    const last = this.#frames.finish();
    if (last.data !== undefined) this.#text += this.#translator.read(last);
    if (this.#foreign !== undefined) this.#settle(notAStream);
    else if (!this.#completed()) {
      this.#broken(this.#isHeld ? saidNothing : { kind: 'truncated', phase: 'content' });
    }
  }

  /** Ends the answer if it is complete, but for a terminal event perhaps. */
  #completed(): boolean {
    if (this.#end !== undefined) return true;
    if (!this.#translator.canEnd) return false;
    this.#text += this.#translator.end();
    if (this.#translator.hasFailed) {
      this.#broken(unusable);
      return true;
    }
    this.#end = { kind: 'success' };
    this.#settle(undefined);
    this.#pass();
    if (this.#response !== undefined) this.#close(this.#end);
    return true;
  }

  #broken(result: AttemptResult): void {
    if (this.#end !== undefined) return;
    this.#end = result;
    clearTimeout(this.#endTimer);
    if (this.#isHeld) this.#settle(result);
    else if (this.#response !== undefined) {
      // Text that came in one piece with the break goes before it.
      this.#pass();
      this.#close(result);
    }
  }

  #settle(failure: AttemptResult | undefined): void {
    const decide = this.#decide;
    if (decide === undefined) return;
    this.#decide = undefined;
    clearTimeout(this.#timer);
    this.#attempt.unpipe();
    decide(failure);
  }

  /** Passes on what has been translated: one write for each piece that came. */
  #pass(): void {
    if (this.#text === '' || this.#write === undefined) return;
    const chunk = Buffer.from(this.#text);
    this.#text = '';
    this.#write(chunk);
  }

  #close(result: AttemptResult): void {
    const response = this.#response;
    if (response === undefined) return;
    if (result.kind === 'success') {
      response.end();
      this.#over(result);
      this.#drain();
      return;
    }
    const { breakStyle, format } = this.#ending;
    if (breakStyle === 'destroy') cutOff(response);
    else response.end(errorFrame(format, breakMessage(this.#ending, result), this.#translator.eventCount));
    this.#over(result);
    this.#attempt.abort(result);
  }

  #over(result: AttemptResult): void {
    this.#end ??= result;
    clearTimeout(this.#endTimer);
    this.#decoder?.destroy();
    this.#settle(result);
    this.#finish?.(result);
    this.#finish = undefined;
  }

  /** Gives the endpoint a moment to end its body, so that the socket can be used again. */
  #drain(): void {
    const timer = setTimeout(() => this.#attempt.abort({ kind: 'success' }), afterEndMs);
    const done = (): void => clearTimeout(timer);
    this.#attempt.pipe({ data: () => undefined, end: done, failed: done });
    this.#attempt.resume();
  }
}
