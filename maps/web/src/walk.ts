import { type GeoJSONSource, LngLatBounds, type LngLatLike, type Map as MapLibreMap, Marker } from "maplibre-gl";
import { STILL } from "./base-map";
import { colour } from "./ground";
import type { Pinned, ServiceMap } from "./service-map";

/** A card that is only passed over on the way to another draws nothing. */
const WAIT_MS = 200;
const MINUTES = [5, 10, 15];
const WALK = "walk";
const REACH = "reach";
const NOTHING: GeoJSON.FeatureCollection = { type: "FeatureCollection", features: [] };
/** How strongly each area is filled; all three lie upon each other. */
const STRENGTH = 0.14;

type Place = [number, number];

interface Reach extends GeoJSON.FeatureCollection<GeoJSON.MultiPolygon, { minutes: number; area_km2: number }> {
  network: { observed_on: string; attribution: string };
}

/** Ways and areas on foot upon the map. What they show stands in words in the list and on each service's page. */
export class Walks {
  #timer = 0;
  #asked: AbortController | undefined;
  #known = new Map<string, Promise<GeoJSON.Geometry | null>>();
  #line: GeoJSON.Geometry | null = null;
  #reach: Reach | undefined;
  #labels: Marker[] = [];
  #panel: HTMLElement | null;

  constructor(
    private map: MapLibreMap,
    private stage: ServiceMap,
    private origin: () => Place | null,
  ) {
    this.#panel = stage.querySelector<HTMLElement>(".reach");
    map.on("style.load", () => this.#draw());
    if (!this.#panel) return; // no streets are loaded
    map.on("click", (event) => {
      // Pins, clusters and other layers take their clicks first; they may be heard after this.
      setTimeout(() => {
        if (!event.defaultPrevented) void this.showReach([event.lngLat.lng, event.lngLat.lat]);
      });
    });
    this.#panel.addEventListener("click", (event) => {
      if ((event.target as Element).closest("[data-close]")) this.#hide();
    });
    stage.addEventListener("keydown", (event) => {
      if (event.key === "Escape" && !this.#panel?.hidden) this.#hide();
    });
  }

  get canReach(): boolean {
    return this.#panel !== null;
  }

  /** Draw the way to a card that was chosen, by whatever means; `null`: none is. */
  lead(pin: Pinned | null): void {
    clearTimeout(this.#timer);
    const walker = document.getElementById("results")?.dataset.walker;
    const origin = this.origin();
    if (!pin?.service || !walker || !origin) return this.#show(null);
    this.#timer = window.setTimeout(() => void this.#lead(origin, pin.service, walker), WAIT_MS);
  }

  async #lead(origin: Place, service: string, walker: string): Promise<void> {
    const query = new URLSearchParams({ from: origin.join(","), to_service: service, walker }).toString();
    let line = this.#known.get(query);
    if (!line) this.#known.set(query, (line = readLine(query)));
    const timer = this.#timer;
    const found = await line;
    if (timer === this.#timer) this.#show(found);
  }

  #show(line: GeoJSON.Geometry | null): void {
    this.#line = line;
    this.stage.toggleAttribute("data-walk", line !== null);
    this.#draw();
  }

  /** How far one gets from a place, or from where the reader is, or else from the middle of the map. */
  async showReach(from: Place | null = null): Promise<void> {
    const place = from ?? this.origin() ?? (this.map.getCenter().toArray() as Place);
    this.#asked?.abort();
    this.#asked = new AbortController();
    const walker = document.getElementById("results")?.dataset.walker ?? "adult";
    const [lon, lat] = place.map((degrees) => degrees.toFixed(6)) as [string, string];
    const query = new URLSearchParams({ lon, lat, minutes: MINUTES.join(","), walker, lang: this.stage.dataset.lang ?? "fr" });
    try {
      const answer = await fetch(`/api/v1/access/isochrone?${query}`, { signal: this.#asked.signal });
      const told = (await answer.json()) as Reach & { detail?: string };
      if (answer.ok) this.#tell(told, place);
      else this.#refuse(told.detail ?? "");
    } catch (error) {
      if ((error as Error).name !== "AbortError") this.#refuse("");
    }
  }

  #tell(reach: Reach, [lon, lat]: Place): void {
    this.#reach = reach;
    this.#say("");
    for (const [name, value] of [["lon", lon], ["lat", lat]] as const) {
      const field = this.#panel!.querySelector<HTMLInputElement>(`input[name=${name}]`);
      if (field) field.value = value.toFixed(5);
    }
    this.#draw();
    this.#label([lon, lat]);
    this.#frame();
  }

  /** All areas in view, above the panel that tells what they are. */
  #frame(): void {
    const bounds = new LngLatBounds();
    for (const place of this.#reach?.features.flatMap(({ geometry }) => geometry.coordinates.flat(2)) ?? []) bounds.extend(place as LngLatLike);
    if (bounds.isEmpty()) return;
    const below = matchMedia("(max-width: 860px)").matches ? this.#panel!.offsetHeight + 50 : 50;
    this.map.fitBounds(bounds, { padding: { top: 60, bottom: below, left: 40, right: 70 }, maxZoom: 16, animate: !STILL.matches });
  }

  #refuse(words: string): void {
    this.#reach = undefined;
    this.#say(words || (this.stage.dataset.failed ?? ""));
    this.#draw();
    this.#label(null);
  }

  /** Show the panel: what the areas mean, or why there are none. */
  #say(problem: string): void {
    const panel = this.#panel!;
    panel.querySelector<HTMLElement>("[data-found]")!.hidden = problem !== "";
    panel.hidden = false;
    const status = panel.querySelector<HTMLElement>("[role=status]")!;
    status.textContent = problem || (this.stage.dataset.reach ?? "");
  }

  #hide(): void {
    if (this.#panel!.contains(document.activeElement)) this.map.getCanvas().focus();
    this.#panel!.hidden = true;
    this.#reach = undefined;
    this.#draw();
    this.#label(null);
  }

  /** A mark at the place, and minutes at the northern tip of each area: colour is not the only sign. */
  #label(place: Place | null): void {
    for (const marker of this.#labels) marker.remove();
    this.#labels = [];
    if (!place) return;
    const spot = Object.assign(document.createElement("div"), { className: "you" });
    this.#labels.push(new Marker({ element: spot }).setLngLat(place).addTo(this.map));
    for (const { geometry, properties } of this.#reach?.features ?? []) {
      const tip = northernmost(geometry);
      if (!tip) continue;
      const words = Object.assign(document.createElement("div"), { className: "reach-label", textContent: `${properties.minutes} min` });
      words.ariaHidden = "true";
      this.#labels.push(new Marker({ element: words }).setLngLat(tip).addTo(this.map));
    }
  }

  #draw(): void {
    if (!this.map.getLayer("limits")) return; // the style's own event asks again
    if (!this.map.getSource(WALK)) this.#addLayers();
    (this.map.getSource(REACH) as GeoJSONSource).setData(this.#reach ?? NOTHING);
    (this.map.getSource(WALK) as GeoJSONSource).setData(this.#line ? { type: "Feature", geometry: this.#line, properties: {} } : NOTHING);
  }

  #addLayers(): void {
    this.map.addSource(REACH, { type: "geojson", data: NOTHING });
    this.map.addSource(WALK, { type: "geojson", data: NOTHING });
    const round = { "line-cap": "round", "line-join": "round" } as const;
    this.map.addLayer({ id: "reach-fill", type: "fill", source: REACH, paint: { "fill-color": colour("accent"), "fill-opacity": STRENGTH } });
    this.map.addLayer({ id: "reach-line", type: "line", source: REACH, layout: round, paint: { "line-color": colour("accent"), "line-width": 1.5 } });
    this.map.addLayer({ id: "walk-edge", type: "line", source: WALK, layout: round, paint: { "line-color": colour("card"), "line-width": 9 } });
    this.map.addLayer({ id: "walk-line", type: "line", source: WALK, layout: round, paint: { "line-color": colour("accent"), "line-width": 5 } });
  }
}

async function readLine(query: string): Promise<GeoJSON.Geometry | null> {
  try {
    const answer = await fetch(`/api/v1/access/route?${query}`);
    return answer.ok ? ((await answer.json()) as { geometry: GeoJSON.Geometry }).geometry : null;
  } catch {
    return null;
  }
}

function northernmost(area: GeoJSON.MultiPolygon): LngLatLike | null {
  let tip: GeoJSON.Position | null = null;
  for (const [outline] of area.coordinates) {
    for (const place of outline ?? []) if (!tip || place[1]! > tip[1]!) tip = place;
  }
  return tip as LngLatLike | null;
}
