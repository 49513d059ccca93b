import type { MinutesMap } from "./minutes-map";
import { followPointing } from "./pointing";

const WIDE = matchMedia("(min-width: 861px)");

/** The map of a coverage page: the server's drawing of zones; the live map of streets takes its place where it can. */
export class CoverageMap extends HTMLElement {
  #live: MinutesMap | undefined;
  #isLoading = false;
  #gone = new AbortController();

  connectedCallback(): void {
    this.#gone = new AbortController();
    const { signal } = this.#gone;
    const page = this.closest<HTMLElement>(".access");
    followPointing(page, (target, on) => this.#pointed(target, on), signal);
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

  /** Ask for the streets that the page is about now; load the map library when the map comes near to being seen. */
  refresh(): void {
    if (!this.isConnected) return;
    this.tell("");
    if (this.#live) return this.#live.show();
    if (this.#isLoading || !this.dataset.tiles || !canDraw()) return;
    this.#isLoading = true;
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      watch.disconnect();
      void this.#load();
    }, { rootMargin: "300px" });
    watch.observe(this);
    this.#gone.signal.addEventListener("abort", () => watch.disconnect());
  }

  /** Say in words what is pointed at; nothing: what can be done here. */
  tell(words: string): void {
    const told = document.getElementById("map-told");
    if (told) told.textContent = words || (told.dataset.hint ?? "");
  }

  async #load(): Promise<void> {
    const { MinutesMap } = await import("./minutes-map");
    if (!this.isConnected) return;
    const box = this.querySelector<HTMLElement>(".live")!;
    box.hidden = false;
    this.#live = new MinutesMap(box, this);
    this.mark();
  }

  /** Show on the map what stands in the form beside it: places that are tried out, and the one just picked. */
  mark(): void {
    const marks = [...document.querySelectorAll<HTMLElement>("[data-mark-lon]")].map(({ dataset }) => ({
      lon: Number(dataset["markLon"]),
      lat: Number(dataset["markLat"]),
      label: dataset["mark"] ?? "",
    }));
    const picked = document.querySelector<HTMLInputElement>("#plan-form input[name=where_geometry]")?.value;
    if (picked) {
      const [lon, lat] = (JSON.parse(picked) as GeoJSON.Point).coordinates as [number, number];
      marks.push({ lon, lat, label: "+" });
    }
    this.#live?.mark(marks);
  }

  /** A row of the table lights its zone, on the drawing and on the live map. */
  #pointed(target: Element, on: boolean): void {
    const code = target.closest<HTMLElement | SVGElement>("[data-code]")?.dataset.code;
    if (!code) return;
    for (const each of document.querySelectorAll(`.access [data-code="${CSS.escape(code)}"]`)) each.classList.toggle("lit", on);
    this.#live?.light(on ? code : "");
    const drawn = this.querySelector(`a.zone[data-code="${CSS.escape(code)}"] title`)?.textContent ?? "";
    this.tell(on ? drawn : "");
  }
}

export function canDraw(): boolean {
  try {
    return document.createElement("canvas").getContext("webgl2") !== null;
  } catch {
    return false;
  }
}

interface Picked {
  lon: number;
  lat: number;
  service?: string;
}

/** What was touched on the map goes into the form beside it: a service, or a place. */
function take({ lon, lat, service }: Picked): void {
  const form = document.querySelector<HTMLFormElement>("#plan-form");
  if (!form) return;
  const what = form.querySelector<HTMLInputElement>("input[name=what]:checked")?.value;
  const select = form.querySelector<HTMLSelectElement>("select[name=service]");
  const isKnown = service && select?.querySelector(`option[value="${CSS.escape(service)}"]`);
  if (isKnown && what !== "open" && select) select.value = service;
  else if (what !== "close") keepPlace(form, lon, lat, `${lat.toFixed(5)}, ${lon.toFixed(5)}`);
}

function keepPlace(form: HTMLFormElement, lon: number, lat: number, words: string): void {
  form.querySelector<HTMLInputElement>("input[name=where_geometry]")!.value = JSON.stringify({ type: "Point", coordinates: [lon, lat] });
  if (words) form.querySelector<HTMLInputElement>("input[name=where_address]")!.value = words;
  document.querySelector<CoverageMap>("coverage-map")?.mark();
}

/** A choice shows at once; without script a button sends it. */
export function startAccess(): void {
  document.addEventListener("pick", (event) => take((event as CustomEvent<Picked>).detail));
  document.addEventListener("place", (event) => {
    const form = (event.target as Element).closest<HTMLFormElement>("#plan-form");
    const hit = (event as CustomEvent<{ lon?: number | null; lat?: number | null } | null>).detail;
    if (!form) return;
    if (hit?.lon != null && hit.lat != null) keepPlace(form, hit.lon, hit.lat, "");
    else form.querySelector<HTMLInputElement>("input[name=where_geometry]")!.value = "";
  });
  document.addEventListener("change", (event) => {
    const { form } = event.target as HTMLSelectElement;
    if (form?.matches("[data-at-once]")) form.requestSubmit();
  });
}
