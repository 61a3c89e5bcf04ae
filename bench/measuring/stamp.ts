/** Stamps are nanoseconds modulo 11.5 days, so that they stay exact in a double on a machine that is up for years. */
const modulus = 1_000_000_000_000_000n;

/** Digits of a stamp on the wire, after its `@`. */
export const stampDigits = 15;

/** The monotonic clock that all processes of this machine share, in nanoseconds, as a stamp. */
export function stampNs(): number {
  return Number(process.hrtime.bigint() % modulus);
}

/** A stamp of now as it goes over the wire. */
export function stampText(): string {
  return `@${String(stampNs()).padStart(stampDigits, '0')}`;
}

/** Finds the stamps in a byte stream, wherever it is cut. Nothing else on the wire may hold an `@`. */
export class StampScanner {
  #digitsLeft = 0;
  #value = 0;
  count = 0;

  scan(bytes: Buffer, start: number, end: number, onStamp: (sentNs: number) => void): void {
    let position = start;
    while (position < end) {
      if (this.#digitsLeft === 0) {
        const found = bytes.indexOf(0x40, position);
        if (found < 0 || found >= end) return;
        position = found + 1;
        this.#digitsLeft = stampDigits;
        this.#value = 0;
        continue;
      }
      this.#value = this.#value * 10 + ((bytes[position] ?? 0x30) - 0x30);
      position++;
      if (--this.#digitsLeft > 0) continue;
      this.count++;
      onStamp(this.#value);
    }
  }
}
