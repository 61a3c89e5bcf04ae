import type { DashboardTexts } from '../../../contract/dashboardTexts.ts';
import type { RequestEnd } from '../../../contract/metrics.ts';
import { classTexts } from '../texts/classText.ts';
import { stateTexts } from '../texts/stateText.ts';
import type { Translate } from '../viewContext.ts';

/** All texts of the dashboard in the language of `t`; the page fills the placeholders. */
export function dashboardTexts(t: Translate): DashboardTexts {
  return {
    title: t('Signalbox Dashboard'),
    units: { ms: t('{0} ms'), s: t('{0} s'), min: t('{0} min'), h: t('{0} h'), d: t('{0} d') },
    spans: spanTexts(t),
    ends: endTexts(t),
    classes: classTexts(t),
    states: stateTexts(t),
    toolbar: toolbarTexts(t),
    tiles: tileTexts(t),
    charts: chartNames(t),
    series: seriesTexts(t),
    chart: chartTexts(t),
    tables: tableTexts(t),
    requests: requestTexts(t),
    notices: noticeTexts(t),
    degraded: degradedTexts(t),
  };
}

function spanTexts(t: Translate): DashboardTexts['spans'] {
  return {
    hour: { short: t('1 h'), long: t('Last hour') },
    sixHours: { short: t('6 h'), long: t('Last 6 hours') },
    day: { short: t('24 h'), long: t('Last 24 hours') },
    week: { short: t('7 d'), long: t('Last 7 days') },
    month: { short: t('30 d'), long: t('Last 30 days') },
    quarter: { short: t('90 d'), long: t('Last 90 days') },
    year: { short: t('1 y'), long: t('Last year') },
  };
}

/** The end of a request in words. */
export function endTexts(t: Translate): Readonly<Record<RequestEnd, string>> {
  return {
    ok: t('ok at once'),
    failedOver: t('saved by another attempt'),
    clientFault: t("client's own fault"),
    aborted: t('stopped by the client'),
    truncated: t('stream broke'),
    endpointError: t('endpoint failed'),
    gatewayError: t('no endpoint left'),
  };
}

function toolbarTexts(t: Translate): DashboardTexts['toolbar'] {
  return {
    toolbar: t('Range and filter'),
    range: t('Range'),
    custom: t('{0} to {1}'),
    zoomOut: t('Back to the range before (Escape)'),
    endpoint: t('Endpoint'),
    model: t('Model'),
    session: t('Session'),
    allEndpoints: t('All endpoints'),
    allModels: t('All models'),
    allSessions: t('All sessions'),
    clear: t('Clear filter'),
    refresh: t('Refresh'),
    live: t('Live'),
    paused: t('Fixed range'),
    updated: t('Updated at {0}'),
    requests: t('List requests'),
    exportCsv: t('Export CSV'),
    exportJson: t('Export JSON'),
  };
}

function tileTexts(t: Translate): DashboardTexts['tiles'] {
  return {
    heading: t('Key figures'),
    requests: t('Requests'),
    requestsNote: t('{0} failed'),
    success: t('Success rate'),
    successNote: t("clients' own faults aside"),
    firstByte: t('Time to first byte'),
    p95Note: t('median · 95% within {0}'),
    total: t('Response time'),
    totalNote: t('mean · 95% within {0}'),
    failovers: t('Saved by failover'),
    failoversNote: t('{0} of all requests'),
    failoverTime: t('Time lost to failover'),
    reuse: t('Connection reuse'),
    reuseNote: t('{0} of {1} attempts'),
    consistency: t('Session consistency'),
    consistencyNote: t('stayed at their endpoint'),
    clientShare: t("Clients' own failures"),
    clientShareNote: t('{0} of {1} failures'),
    cacheHits: t('Cache hits'),
    cacheHitsNote: t('of the tokens that came in'),
    tokens: t('Tokens'),
    tokensNote: t('{0} in · {1} out'),
    cost: t('Cost'),
    costNote: t('prices of {0}'),
    costUnpriced: t('{1} tokens unpriced · {0}'),
    none: t('nothing measured'),
  };
}

function chartNames(t: Translate): DashboardTexts['charts'] {
  return {
    ends: t('Requests'),
    failures: t('Failed attempts'),
    successRate: t('Success rate'),
    firstByte: t('Time to first byte'),
    total: t('Response time'),
    failovers: t('Failovers and the time they cost'),
    reuse: t('Connection reuse'),
    cacheHits: t('Cache hits'),
    tokens: t('Tokens'),
    cost: t('Cost'),
    states: t('Endpoint states'),
    bindings: t('Where sessions went'),
  };
}

function seriesTexts(t: Translate): DashboardTexts['series'] {
  return {
    median: t('median'),
    p95: t('95th percentile'),
    rate: t('share'),
    input: t('input'),
    output: t('output'),
    cacheRead: t('read from cache'),
    cacheWrite: t('written to cache'),
    usd: t('US dollars'),
    count: t('failovers'),
    timeLost: t('time lost (median)'),
  };
}

function chartTexts(t: Translate): DashboardTexts['chart'] {
  return {
    heading: t('Charts'),
    keys: t('Left and Right move the cursor, Up and Down go to other charts, Enter lists the requests, + and − zoom.'),
    asTable: t('Show as table'),
    asChart: t('Show as chart'),
    time: t('Time'),
    length: t('Duration'),
    nothing: t('Nothing in this range'),
    noBands: t('Nothing known of this range'),
    listHint: t('Click to list the requests, drag to zoom'),
    summarySums: t('{0} in this range: {1}.'),
    summaryRates: t('Between {0} and {1}, last {2}.'),
    summaryBands: t('{0}: {1}.'),
    peak: t('Most at {0}: {1}.'),
    showAll: t('Show all {0}'),
    showFewer: t('Show fewer'),
    from: t('From'),
    until: t('Until'),
    state: t('State'),
    reason: t('Reason'),
  };
}

function tableTexts(t: Translate): DashboardTexts['tables'] {
  return {
    heading: t('Breakdown'),
    endpoints: t('Endpoints'),
    models: t('Models'),
    sessions: t('Sessions'),
    days: t('Days'),
    name: t('Name'),
    day: t('Day'),
    client: t('Client'),
    requests: t('Requests'),
    success: t('Success'),
    firstByte: t('First byte'),
    total: t('Response'),
    attempts: t('Attempts'),
    failed: t('Failed attempts'),
    reuse: t('Reuse'),
    input: t('Input'),
    cached: t('From cache'),
    output: t('Output'),
    cost: t('Cost'),
    noPrice: t('no price'),
    lastUsed: t('Last used'),
    empty: t('Nothing in this range'),
    filterBy: t('Show only {0}'),
    noEndpoint: t('no endpoint'),
    unknown: t('unknown'),
  };
}

function requestTexts(t: Translate): DashboardTexts['requests'] {
  return {
    heading: t('Requests'),
    of: t('{0} to {1}'),
    all: t('Requests of the whole range'),
    allEnds: t('All'),
    byEnd: t('By how it ended'),
    byClass: t('By a failed attempt'),
    show: t('Show'),
    close: t('Close the list of requests'),
    loading: t('Loading requests'),
    empty: t('No requests here'),
    more: t('Show more'),
    time: t('Time'),
    model: t('Model'),
    endpoint: t('Endpoint'),
    end: t('End'),
    firstByte: t('First byte'),
    total: t('Response'),
    tokens: t('Tokens'),
    cost: t('Cost'),
    attempts: t('Attempts'),
    attempt: t('Attempt {0}'),
    chosen: t('Chosen'),
    passedOver: t('Passed over'),
    connectionReused: t('an open connection, reused'),
    connectionNew: t('a new connection'),
    maybeBilled: t('may have been billed'),
    sentModel: t('asked for {0}'),
    waterfall: t('What each attempt took'),
    waiting: t('waiting for the first byte'),
    answering: t('answering'),
    session: t('Session'),
    client: t('Client'),
    route: t('Path'),
    noAttempts: t('No endpoint was asked.'),
    failed: t('failed'),
    failedLoading: t('The requests could not be read: {0}'),
  };
}

function noticeTexts(t: Translate): DashboardTexts['notices'] {
  return {
    loading: t('Loading'),
    emptyTitle: t('No requests yet'),
    emptyBody: t(
      'Point a client at the proxy, and what it does shows up here. Integrated terminals are set up already; for other programs copy the base URL.',
    ),
    emptyFiltered: t('No requests in this range'),
    emptyFilteredBody: t('Look at a longer range, or at all endpoints, models and sessions.'),
    wider: t('Show the last year'),
    copyBaseUrl: t('Copy Base URL'),
    addEndpoint: t('Add Endpoint'),
    noEndpoints: t('There is no endpoint yet. Add one, and its requests show up here.'),
    offTitle: t('Metrics are switched off'),
    offBody: t('Nothing is recorded while the setting "Metrics: Enabled" is off.'),
    offButton: t('Open the setting'),
    degradedTitle: t('Metrics are kept in memory only'),
    degradedSaid: t('The system said: {0}'),
    showLog: t('Show Log'),
    stoppedTitle: t('The proxy is stopped'),
    stoppedBody: t('Start it to see what it has recorded.'),
    start: t('Start Proxy'),
    starting: t('Starting the proxy'),
    oldTitle: t('The running proxy records no metrics'),
    oldBody: t('It is older than this extension. Restart it: requests under way are answered to their end.'),
    restart: t('Restart Proxy'),
    failedTitle: t('The proxy does not run'),
    refusedTitle: t('The metrics could not be read'),
    again: t('Try Again'),
    stale: t('What is shown is from before.'),
  };
}

function degradedTexts(t: Translate): DashboardTexts['degraded'] {
  return {
    missing: t(
      'The Node.js that runs the proxy has no SQLite. Update VS Code, or the node on your PATH, to 22.19 or newer.',
    ),
    locked: t('Another program holds the database. Close it, then restart the proxy.'),
    readOnly: t('The database cannot be written. Make the state folder writable, then restart the proxy.'),
    full: t('The disk is full. Free some space: recording goes on by itself, or after a restart of the proxy.'),
    newer: t('The database was written by a newer Signalbox. Update the extension in this window.'),
    corrupt: t('The database was damaged. It was set aside; restart the proxy to begin a new one.'),
    failed: t('The database cannot be used. The log says more; a restart of the proxy tries again.'),
  };
}
