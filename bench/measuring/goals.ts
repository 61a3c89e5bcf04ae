import { type FigureOptions, ratioAtLeast, ratioAtMost, valueAtMost } from './figure.ts';

/**
 * The rows of the summary, in its order, with what the gateway must reach and where it should come in the end. Ratios are
 * to the floor in the same run.
 */
export const goals = {
  smallP50: {
    row: { en: '1 KB, one client: added p50', zh: '1 KB，单客户端：增加的 p50' },
    must: ratioAtMost(1.05, 0.8),
  },
  smallP99: {
    row: { en: '1 KB, one client: added p99', zh: '1 KB，单客户端：增加的 p99' },
    must: ratioAtMost(1.2, 0.8),
  },
  largeP50: {
    row: { en: '200 KB, one client: added p50', zh: '200 KB，单客户端：增加的 p50' },
    must: ratioAtMost(1, 0.8),
  },
  largeP99: {
    row: { en: '200 KB, one client: added p99', zh: '200 KB，单客户端：增加的 p99' },
    must: ratioAtMost(0.6, 0.5),
  },
  hugeP50: { row: { en: '1 MB without a session, one client: added p50', zh: '1 MB，无会话，单客户端：增加的 p50' } },
  smallCpu: { row: { en: 'CPU, 1 KB request', zh: 'CPU，1 KB 请求' }, must: ratioAtMost(1.2, 0.8) },
  largeCpu: { row: { en: 'CPU, 200 KB request', zh: 'CPU，200 KB 请求' }, must: ratioAtMost(1, 0.6) },
  smallRate10: {
    row: { en: 'requests/s, 1 KB, 10 clients', zh: '请求/秒，1 KB，10 个客户端' },
    must: ratioAtLeast(0.9, 1.5),
  },
  smallRate64: {
    row: { en: 'requests/s, 1 KB, 64 clients', zh: '请求/秒，1 KB，64 个客户端' },
    must: ratioAtLeast(0.9, 1.5),
  },
  largeRate10: {
    row: { en: 'requests/s, 200 KB, 10 clients', zh: '请求/秒，200 KB，10 个客户端' },
    must: ratioAtLeast(1, 1.4),
  },
  largeRate64: {
    row: { en: 'requests/s, 200 KB, 64 clients', zh: '请求/秒，200 KB，64 个客户端' },
    must: ratioAtLeast(1, 1.4),
  },
  firstByte: {
    row: { en: 'stream: added to the first byte', zh: '流：首字节增加的时间' },
    must: ratioAtMost(1.1, 0.7),
  },
  delta: { row: { en: 'stream: added to a chunk', zh: '流：每个数据块增加的时间' }, must: ratioAtMost(1.1, 0.7) },
  manyStreamsCpu: {
    row: { en: '200 streams, 50 chunks/s each: CPU a chunk', zh: '200 个流，每个 50 块/秒：每块的 CPU' },
    must: ratioAtMost(1, 0.75),
  },
  idleMiB: { row: { en: 'resident memory, idle', zh: '常驻内存，空闲时' }, must: valueAtMost(90, 70) },
  loadedMiB: { row: { en: 'resident memory, after load', zh: '常驻内存，负载之后' }, must: valueAtMost(180, 130) },
  listens: { row: { en: 'ready to listen', zh: '开始监听所需时间' }, must: valueAtMost(220, 150) },
  firstRequest: {
    row: { en: 'first 200 KB stream of a fresh process', zh: '新进程的第一个 200 KB 流' },
    must: valueAtMost(10, 5),
  },
  hugeTurn: {
    row: { en: 'longest turn of the event loop, 1 MB without a session', zh: '事件循环最长的一轮，1 MB，无会话' },
    must: valueAtMost(2),
  },
  ownTurn: {
    row: { en: 'longest timer or immediate, 10 clients', zh: '最长的定时器或 immediate 回调，10 个客户端' },
    must: valueAtMost(1),
  },
  loadedTurn: { row: { en: 'longest turn of the event loop, 10 clients', zh: '事件循环最长的一轮，10 个客户端' } },
  wakeUps: { row: { en: 'idle: wake-ups a second', zh: '空闲时：每秒唤醒次数' }, must: valueAtMost(0.2, 0) },
  tries: {
    row: { en: 'failing first endpoint: tries of it in 60 requests', zh: '首选端点故障：60 个请求中对它的尝试次数' },
    must: valueAtMost(3),
  },
  firstLate: {
    row: { en: 'failing first endpoint: first request late by', zh: '首选端点故障：第一个请求晚到' },
    must: valueAtMost(5),
  },
} as const satisfies Readonly<Record<string, FigureOptions>>;
