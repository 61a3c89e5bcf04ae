/** A part of `src/` and the files that test it through a running gateway, window or page. */
export interface RoomRow {
  /** A folder or file; what lies below it belongs to it. */
  readonly room: string;
  /** Glob patterns of test files. */
  readonly tests: readonly string[];
}

/**
 * The process tests that `npm test -- --changed` runs after a change of `src/`. By their imports every one of them is
 * touched by nearly every change, so this names those that are most likely to notice. All rows that fit a file apply.
 */
export const roomTests: readonly RoomRow[] = [
  { room: 'src/base', tests: ['test/integration/recovery/failover.test.ts'] },
  {
    room: 'src/core',
    tests: ['test/integration/recovery/*.test.ts', 'test/integration/routing/{affinity,capacity}.test.ts'],
  },
  { room: 'src/core/config', tests: ['test/integration/headless/{badInput,goodInput}.test.ts'] },
  {
    room: 'src/dialect',
    tests: ['test/integration/routing/openaiDialect.test.ts', 'test/integration/streams/*.test.ts'],
  },
  { room: 'src/contract', tests: ['test/integration/{control,window}/**/*.test.ts'] },
  { room: 'src/simulated', tests: ['test/integration/{requests,routing,recovery,streams}/*.test.ts'] },
  { room: 'src/proxy', tests: ['test/integration/{requests,routing,recovery,streams,faults,security}/*.test.ts'] },
  { room: 'src/store', tests: ['test/integration/metrics/*.test.ts', 'test/integration/control/metrics.test.ts'] },
  { room: 'src/gateway', tests: ['test/integration/recovery/{failover,recovery}.test.ts'] },
  { room: 'src/gateway/control', tests: ['test/integration/control/*.test.ts'] },
  { room: 'src/gateway/drill', tests: ['test/integration/headless/drill.test.ts'] },
  {
    room: 'src/gateway/endpoints',
    tests: ['test/integration/control/*.test.ts', 'test/integration/headless/*.test.ts'],
  },
  { room: 'src/gateway/process', tests: ['test/integration/headless/*.test.ts'] },
  { room: 'src/gateway/report', tests: ['test/integration/headless/report.test.ts'] },
  { room: 'src/gateway/savedState', tests: ['test/integration/headless/*.test.ts'] },
  { room: 'src/gateway/windows', tests: ['test/integration/window/**/*.test.ts'] },
  { room: 'src/gatewayMain.ts', tests: ['test/integration/headless/*.test.ts'] },
  { room: 'src/ui', tests: ['test/integration/window/**/*.test.ts', 'test/host/*.test.ts'] },
  { room: 'src/extension.ts', tests: ['test/host/*.test.ts'] },
  { room: 'src/webview', tests: ['test/browser/dashboard.test.ts'] },
];

/** The patterns of the tests that a change of the file touches through processes. */
export function testsOfRoom(file: string): readonly string[] {
  return roomTests.filter(({ room }) => file === room || file.startsWith(`${room}/`)).flatMap(({ tests }) => tests);
}
