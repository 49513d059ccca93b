import type { Choropleth } from "./choropleth";
import { followPointing } from "./pointing";

const WIDE = matchMedia("(min-width: 861px)");
/** A finger can't point without touching: its first touch reads a zone, its second one chooses it. */
const TOUCH = matchMedia("(hover: none)");
/** Degrees to each side of an arrow's direction in which its next zone is looked for. */
const CONE = 60;

/** A zone as the drawing shows it; the live map and the table say the same because they all read it here. */
export interface Drawn {
  code: string;
  css: string;
  letter: string;
  told: string;
  isChosen: boolean;
}

/** The map of a comparison: the server's drawing, with arrow keys and light; the live map where there is room or wish. */
export class CompareMap extends HTMLElement {
  #live: Choropleth | undefined;
  #isLoading = false;
  #touched = "";
  #gone = new AbortController();

  connectedCallback(): void {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    const page = document.getElementById("compare");
    followPointing(page, (target, on) => this.#pointed(target, on), signal);
    this.addEventListener("click", (event) => this.#clicked(event), { signal });
    this.addEventListener("keydown", (event) => this.#pressed(event), { signal });
    document.addEventListener("htmx:after:swap", () => this.refresh(), { signal });
    WIDE.addEventListener("change", () => this.refresh(), { signal });
    this.refresh();
  }

  disconnectedCallback(): void {
    this.#gone.abort();
    this.#live?.remove();
    this.#live = undefined;
    this.#isLoading = false;
  }

  /** Show what the drawing shows now; load the map library the first time that the map is in sight. */
  refresh(): void {
    if (!this.isConnected) return;
    this.#rove();
    this.#tell("");
    if (this.#live) this.#live.show(this.#drawn());
    else if (!this.#isLoading && this.dataset.tiles && this.offsetParent && canDraw()) void this.#load();
  }

  async #load(): Promise<void> {
    this.#isLoading = true;
    const { Choropleth } = await import("./choropleth");
    if (!this.isConnected) return;
    const box = this.querySelector<HTMLElement>(".live")!;
    box.hidden = false;
    this.#live = new Choropleth(box, this, { light: (code, on) => this.#light(code, on), choose: (code) => this.#choose(code) });
    this.#live.show(this.#drawn());
  }

  #drawn(): Drawn[] {
    return this.#links().map((link) => ({
      code: link.dataset.code ?? "",
      css: [...link.classList].find((name) => /^(c\d|b\d\d|none)$/.test(name)) ?? "none",
      letter: link.dataset.letter ?? "",
      told: link.querySelector("title")?.textContent ?? "",
      isChosen: link.classList.contains("chosen"),
    }));
  }

  #links(): SVGAElement[] {
    return [...this.querySelectorAll<SVGAElement>("a.zone")];
  }

  #link(code: string): SVGAElement | undefined {
    return this.#links().find((link) => link.dataset.code === code);
  }

  /** Whatever names a zone lights it everywhere: its row, its head, its shape. */
  #pointed(target: Element, on: boolean): void {
    const named = target.closest<HTMLElement | SVGElement>("[data-code]");
    if (named?.dataset.code) this.#light(named.dataset.code, on);
  }

  #light(code: string, on: boolean): void {
    for (const each of document.querySelectorAll(`#compare [data-code="${CSS.escape(code)}"]`)) each.classList.toggle("lit", on);
    this.#live?.light(code, on);
    this.#tell(on ? code : this.#touched);
  }

  #tell(code: string): void {
    const told = document.getElementById("map-told");
    if (!told) return;
    const hint = TOUCH.matches ? told.dataset.touchHint : told.dataset.hint;
    told.textContent = (code && this.#link(code)?.querySelector("title")?.textContent) || hint || "";
  }

  /** A click adds the zone to the comparison or takes it away, as its link does without script. */
  #clicked(event: Event): void {
    const link = (event.target as Element).closest<SVGAElement>("a.zone");
    if (!link || (event as MouseEvent).ctrlKey || (event as MouseEvent).metaKey) return;
    event.preventDefault();
    this.#choose(link.dataset.code ?? "");
  }

  #choose(code: string): void {
    const link = this.#link(code);
    const isRead = !TOUCH.matches || this.#touched === code;
    this.#touched = isRead ? "" : code;
    if (isRead && link) follow(link.href.baseVal);
    else this.#light(code, true);
  }

  /** One stop for Tab; arrows walk from zone to zone as the map lies. */
  #rove(): void {
    const links = this.#links();
    const here = links.find((link) => link === document.activeElement) ?? links.find((link) => link.classList.contains("chosen")) ?? links[0];
    for (const link of links) link.setAttribute("tabindex", link === here ? "0" : "-1");
  }

  #pressed(event: KeyboardEvent): void {
    const from = (event.target as Element).closest<SVGAElement>("a.zone");
    const angle = { ArrowRight: 0, ArrowDown: 90, ArrowLeft: 180, ArrowUp: 270 }[event.key];
    if (!from || angle === undefined) return;
    event.preventDefault();
    const next = nearest(from, this.#links(), angle);
    if (!next) return;
    from.setAttribute("tabindex", "-1");
    next.setAttribute("tabindex", "0");
    next.focus();
  }
}

/** The zone nearest to another one in a direction (degrees, clockwise from the east). */
function nearest(from: SVGAElement, links: SVGAElement[], angle: number): SVGAElement | undefined {
  const [x, y] = middle(from);
  let best: [number, SVGAElement | undefined] = [Infinity, undefined];
  for (const link of links) {
    if (link === from) continue;
    const [dx, dy] = [middle(link)[0] - x, middle(link)[1] - y];
    const turn = Math.abs(((Math.atan2(dy, dx) * 180) / Math.PI - angle + 540) % 360 - 180);
    const distance = Math.hypot(dx, dy) * (1 + turn / CONE);
    if (turn <= CONE && distance < best[0]) best = [distance, link];
  }
  return best[1];
}

function middle(link: SVGAElement): [number, number] {
  const { x, y, width, height } = link.getBBox();
  return [x + width / 2, y + height / 2];
}

/** A choice shows at once; without script a button sends it. */
export function startComparing(): void {
  document.addEventListener("change", (event) => {
    const field = event.target as HTMLInputElement | HTMLSelectElement;
    if (field.form?.id === "compare-form") field.form.requestSubmit();
  });
  document.addEventListener("click", (event) => {
    const target = event.target as Element;
    void copyLink(target.closest<HTMLElement>("[data-copy]"));
    const link = target.closest<HTMLAnchorElement>("a[data-stay]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    follow(link.href);
  });
}

/** Go to another state of the page: its own hidden link takes only what changed. */
function follow(href: string): void {
  const go = document.querySelector<HTMLAnchorElement>("[data-go]");
  if (!go) return;
  go.href = href;
  go.click();
}

async function copyLink(button: HTMLElement | null): Promise<void> {
  if (!button) return;
  await navigator.clipboard.writeText(location.href);
  const told = document.getElementById("copied");
  if (told) told.textContent = button.dataset.copy ?? "";
}

function canDraw(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}
