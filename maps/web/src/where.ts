import type { DrawMap, Kind } from "./draw";
import type { PlaceHit } from "./place-search";

/** The question where: a place by its name, an area that is drawn, streets, or quartiers; one map for all. */
export class WhereField extends HTMLElement {
  #map: DrawMap | undefined;
  #loading = false;
  #kept = new Map<Kind, string>();

  get #kind(): Kind {
    return (this.querySelector<HTMLInputElement>("input[name=where_kind]:checked")?.value ?? "") as Kind;
  }
  get #geometry(): HTMLInputElement {
    return this.querySelector<HTMLInputElement>("input[name=where_geometry]")!;
  }
  get #stage(): HTMLElement {
    return this.querySelector<HTMLElement>("[data-stage]")!;
  }

  connectedCallback(): void {
    this.#kept.set(this.#kind, this.#geometry.value);
    this.addEventListener("change", (event) => this.#changed(event.target as HTMLInputElement));
    this.addEventListener("place", (event) => this.#found(event as CustomEvent<PlaceHit | null>));
    this.addEventListener("click", (event) => this.#clicked(event.target as Element));
    for (const lone of this.querySelectorAll<HTMLElement>("[data-without-script]")) lone.remove();
    this.#turn();
  }

  #changed(input: HTMLInputElement): void {
    if (input.name === "where_kind") {
      this.#geometry.value = this.#kept.get(this.#kind) ?? "";
      this.#turn();
    }
    if (input.name === "where_zones") this.#map?.showZones(this.#codes());
  }

  /** Show the map for the kind that was chosen; load it the first time. */
  #turn(): void {
    this.dataset.asked = this.#kind;
    this.#stage.hidden = !this.#kind;
    this.#say("");
    if (this.#map) return this.#show();
    if (!this.#kind || this.#loading) return;
    this.#loading = true;
    const watch = new IntersectionObserver(([entry]) => {
      if (!entry?.isIntersecting) return;
      watch.disconnect();
      void this.#load();
    }, { rootMargin: "400px" });
    watch.observe(this.#stage);
  }

  async #load(): Promise<void> {
    const { DrawMap } = await import("./draw");
    this.#map = new DrawMap(this.querySelector<HTMLElement>("[data-map]")!, {
      lang: this.dataset.lang ?? "fr",
      background: this.dataset.background || undefined,
      area: this.dataset.teamArea ? (JSON.parse(this.dataset.teamArea) as GeoJSON.Geometry) : null,
      drawn: (geometry) => this.#keep(geometry),
      crossed: () => this.#say(this.dataset.crossed ?? ""),
    });
    this.#show();
    this.dataset.state = "live";
  }

  #show(): void {
    const text = this.#geometry.value;
    this.#map!.showZones(this.#codes());
    this.#map!.ask(this.#kind, text ? (JSON.parse(text) as GeoJSON.Geometry) : null);
  }

  #codes(): string[] {
    const ticked = this.querySelectorAll<HTMLInputElement>("input[name=where_zones]:checked");
    return [...ticked].map((each) => each.value.split(":")[1] ?? "");
  }

  #keep(geometry: GeoJSON.Geometry | null): void {
    if (this.#kind !== "point" && this.#kind !== "area") return;
    const text = geometry ? JSON.stringify(geometry) : "";
    if (text === this.#geometry.value) return;
    this.#geometry.value = text;
    this.#kept.set(this.#kind, text);
    this.#say(geometry ? (this.dataset[this.#kind] ?? "") : "");
    this.#geometry.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #found(event: CustomEvent<PlaceHit | null>): void {
    const hit = event.detail;
    if (!hit || hit.lon == null || hit.lat == null) return;
    if (this.#kind === "streets") {
      this.#addStreet(hit, (event.target as Element).querySelector<HTMLInputElement>("input[type=search]")!);
      this.#map?.goTo(hit.lon, hit.lat);
    } else if (this.#kind === "point") {
      this.#keep({ type: "Point", coordinates: [Number(hit.lon.toFixed(6)), Number(hit.lat.toFixed(6))] });
      this.#map?.showPoint(hit.lon, hit.lat);
    } else this.#map?.goTo(hit.lon, hit.lat);
  }

  #addStreet(hit: PlaceHit, box: HTMLInputElement): void {
    const id = hit.id.split(":")[1] ?? "";
    const list = this.querySelector<HTMLElement>("[data-streets]")!;
    const model = this.querySelector<HTMLTemplateElement>("template[data-street]")!;
    if (!list.querySelector(`input[value="${CSS.escape(id)}"]`)) {
      const line = model.content.cloneNode(true) as DocumentFragment;
      line.querySelector("input")!.value = id;
      line.querySelector("span")!.textContent = box.value;
      list.append(line);
    }
    box.value = "";
    list.dispatchEvent(new Event("input", { bubbles: true }));
  }

  #clicked(target: Element): void {
    const button = target.closest<HTMLElement>("[data-draw]");
    const act = button?.dataset.draw;
    if (!act || !this.#map) return;
    if (act === "corner") this.#map.corner();
    else if (act === "finish") this.#map.finish();
    else if (act === "undo") this.#map.undo();
    else if (act === "erase") this.#map.erase();
    else if (act === "more") this.#map.more();
    else this.#map.zoom(act === "in" ? 1 : -1);
  }

  #say(words: string): void {
    this.#stage.querySelector("[role=status]")!.textContent = words;
  }
}
