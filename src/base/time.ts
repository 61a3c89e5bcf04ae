/** Lengths of time in milliseconds. A day is 24 hours; calendar days may be an hour longer or shorter. */
export const secondMs = 1000;
export const minuteMs = 60 * secondMs;
export const hourMs = 60 * minuteMs;
export const dayMs = 24 * hourMs;
