import type { Filter, GatewayStanding, HostMessage } from '../contract/dashboard.ts';
import type { DashboardTexts } from '../contract/dashboardTexts.ts';
import type { Metrics } from '../contract/metrics.ts';
import type { NameOf } from './charts/bandModels.ts';
import { ChartsView } from './charts/chartsView.ts';
import { element } from './elements/element.ts';
import { type Formats, formatsFor } from './elements/formats.ts';
import { FilterOptions } from './filterOptions.ts';
import type { HostLink } from './hostLink.ts';
import { type Notice, noticesFor } from './noticeModels.ts';
import { NoticeView } from './noticeView.ts';
import { filterWith, hasFilter, type PageState, spanChosen, zoomedIn, zoomedOut } from './pageState.ts';
import { RequestsDrawer } from './requests/requestsDrawer.ts';
import { tableModels } from './tables/tableModels.ts';
import { TablesView } from './tables/tablesView.ts';
import { tileModels } from './tables/tileModels.ts';
import { TilesView } from './tables/tilesView.ts';
import { Toolbar } from './toolbar.ts';

type Setup = Extract<HostMessage, { kind: 'setup' }>;

/** The whole page: asks for what its range and filter name, and shows the answer in all its parts. */
export class DashboardPage {
  readonly #link: HostLink;
  readonly #texts: DashboardTexts;
  readonly #formats: Formats;
  readonly #save: (state: PageState) => void;
  readonly #toolbar: Toolbar;
  readonly #tiles: TilesView;
  readonly #charts: ChartsView;
  readonly #tables: TablesView;
  readonly #drawer: RequestsDrawer;
  readonly #whole: NoticeView;
  readonly #banner: NoticeView;
  readonly #content: HTMLElement;
  readonly #options: FilterOptions;
  readonly #names = new Map<string, string>();
  #state: PageState;
  #standing: GatewayStanding = { kind: 'starting' };
  #metrics: Metrics | undefined;
  /** The figures that tiles, charts and tables show; undefined while they have to be drawn again. */
  #drawn: Metrics | undefined;
  #updatedMs: number | undefined;
  #refused: string | undefined;
  #isAsking = false;
  #isDue = false;
  #isScrolled = false;

  constructor(setup: Setup, link: HostLink, state: PageState, save: (state: PageState) => void) {
    this.#link = link;
    this.#state = state;
    this.#save = save;
    this.#texts = setup.texts;
    this.#formats = formatsFor(setup.locale, setup.texts.units);
    const [texts, formats] = [this.#texts, this.#formats];
    const nameOf: NameOf = (id) => this.#names.get(id) ?? id;
    this.#options = new FilterOptions(nameOf, texts);
    this.#toolbar = new Toolbar(texts, formats, {
      onSpan: (span) => this.#change(spanChosen(this.#state, span)),
      onZoomOut: () => this.#change(zoomedOut(this.#state)),
      onFilter: (change) => this.#change({ ...this.#state, filter: filterWith(this.#state.filter, change) }),
      onRefresh: () => void this.#ask(),
      onRequests: (origin) => this.#drawer.open({ range: this.#state.range, filter: this.#state.filter, origin }),
      onExport: (format) => link.send({ kind: 'export', format, range: this.#state.range, filter: this.#state.filter }),
    });
    this.#tiles = new TilesView(texts);
    this.#charts = new ChartsView({
      texts,
      formats,
      nameOf,
      onZoom: (fromMs, toMs) => this.#change(zoomedIn(this.#state, fromMs, toMs)),
      onZoomOut: () => this.#change(zoomedOut(this.#state)),
      onPick: ({ fromMs, toMs, endpoint, session, origin }) => {
        const filter = filterWith(this.#state.filter, {
          ...(endpoint === undefined ? {} : { endpoint }),
          ...(session === undefined ? {} : { session }),
        });
        this.#drawer.open({ range: this.#state.range, between: { fromMs, toMs }, filter, origin });
      },
    });
    this.#tables = new TablesView({
      texts,
      chosen: state.table,
      onChosen: (table) => this.#remember({ ...this.#state, table }),
      onFilter: (filter) => this.#change({ ...this.#state, filter: { ...this.#state.filter, ...filter } }),
    });
    this.#drawer = new RequestsDrawer({ texts, formats, nameOf, ask: (query) => link.requests(query) });
    const run = (action: Notice['buttons'][number]['action']): void => this.#run(action);
    this.#whole = new NoticeView('whole', run);
    this.#banner = new NoticeView('banner', run);
    this.#content = element('div', { class: 'content' }, this.#tiles.root, this.#charts.root, this.#tables.root);
    const main = element('main', {}, this.#banner.root, this.#whole.root, this.#content);
    const heading = element('h1', { class: 'sr-only' }, texts.title);
    document.body.replaceChildren(heading, this.#toolbar.root, main, this.#drawer.root);
    this.#draw();
  }

  /** News from the window's side. */
  hear(message: HostMessage): void {
    if (message.kind === 'list') {
      this.#drawer.open({ range: { kind: 'between', ...message.period }, between: message.period, filter: {} });
    } else if (message.kind === 'changed') {
      if (this.#isLive && !document.hidden) void this.#ask();
    } else if (message.kind === 'gateway') {
      const wasRunning = this.#standing.kind === 'running';
      this.#standing = message.standing;
      for (const { id, name } of message.endpoints) {
        if (this.#names.get(id) !== name) this.#drawn = undefined;
        this.#names.set(id, name);
      }
      this.#draw();
      if (message.standing.kind === 'running' && !wasRunning) void this.#ask();
    }
  }

  /** The range moves on with time, also while nothing happens. */
  tick(): void {
    if (this.#isLive && !document.hidden && this.#standing.kind === 'running') void this.#ask();
  }

  themeChanged(): void {
    this.#charts.redraw();
  }

  /** Escape closes what is open, then goes back to the range before. */
  escape(): void {
    if (this.#drawer.isOpen) this.#drawer.close();
    else this.#change(zoomedOut(this.#state));
  }

  scrolled(scrollTop: number): void {
    if (this.#isScrolled) this.#remember({ ...this.#state, scrollTop });
  }

  get #isLive(): boolean {
    return this.#state.range.kind === 'last';
  }

  #change(state: PageState): void {
    if (state === this.#state) return;
    this.#remember(state);
    this.#toolbar.update(state, this.#options.choices);
    void this.#ask();
  }

  #remember(state: PageState): void {
    this.#state = state;
    this.#save(state);
  }

  /** One question at a time: what is wished for meanwhile is asked for afterwards, once. */
  async #ask(): Promise<void> {
    if (this.#standing.kind !== 'running') return;
    if (this.#isAsking) {
      this.#isDue = true;
      return;
    }
    this.#isAsking = true;
    const { range, filter } = this.#state;
    try {
      this.#show(await this.#link.metrics(range, filter), filter);
    } catch (error) {
      this.#refused = error instanceof Error ? error.message : String(error);
      this.#draw();
    } finally {
      this.#isAsking = false;
    }
    if (!this.#isDue) return;
    this.#isDue = false;
    void this.#ask();
  }

  #show(metrics: Metrics, filter: Filter): void {
    this.#metrics = metrics;
    this.#updatedMs = Date.now();
    this.#refused = undefined;
    this.#options.learn(metrics, filter);
    this.#draw();
  }

  /** Brings notices and toolbar to the moment; the figures are drawn only when they, or names in them, have changed. */
  #draw(): void {
    const isShown = this.#drawNotices();
    this.#content.hidden = !isShown;
    this.#toolbar.update(this.#state, this.#options.choices);
    const isRunning = this.#standing.kind === 'running';
    this.#toolbar.tellLive(!this.#isLive ? 'paused' : isRunning ? 'live' : 'standing', this.#updatedMs);
    const metrics = this.#metrics;
    if (metrics === undefined || !isShown || metrics === this.#drawn) return;
    this.#drawn = metrics;
    const [texts, formats] = [this.#texts, this.#formats];
    this.#tiles.update(tileModels(metrics, texts, formats));
    this.#charts.update(metrics, () => this.#scrollBack());
    this.#tables.update(tableModels(metrics, (id) => this.#names.get(id) ?? id, texts, formats));
  }

  /** Tells whether there is a place for figures beside the notices. */
  #drawNotices(): boolean {
    const { range, filter } = this.#state;
    const isLongest = range.kind === 'last' && range.span === 'year';
    const { whole, banner } = noticesFor(
      {
        standing: this.#standing,
        hasEndpoints: this.#names.size > 0,
        metrics: this.#metrics,
        refused: this.#refused,
        isNarrow: hasFilter(filter) || !isLongest,
      },
      this.#texts,
    );
    this.#whole.show(whole);
    this.#banner.show(banner);
    return whole === undefined;
  }

  /** To where the reader was, once the page is as high as it was then. */
  #scrollBack(): void {
    if (this.#isScrolled) return;
    this.#isScrolled = true;
    document.documentElement.scrollTop = this.#state.scrollTop;
  }

  #run(action: Notice['buttons'][number]['action']): void {
    if ('command' in action) this.#link.send({ kind: 'run', command: action.command });
    else if (action.page === 'again') void this.#ask();
    else this.#change({ ...spanChosen(this.#state, 'year'), filter: {} });
  }
}
