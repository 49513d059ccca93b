import { type LayerSpecification, type Map as MapLibreMap, type MapMouseEvent, Marker, type StyleSpecification } from "maplibre-gl";
import { followTheme, mapTools, openMap, REGION } from "./base-map";
import type { CoverageMap } from "./coverage";
import { colour, focusFilters, groundStyle } from "./ground";
import { nameQuartiers } from "./labels";

/** Pixels around the pointer in which a street is looked for: nobody hits a line. */
const REACH_PX = 6;

interface Band {
  place: number;
  width_px: number;
  dashed: boolean;
  words: string;
}

/** Streets by the minutes walked from them, the services they lead to, and the zones of the table. */
export class MinutesMap {
  #map: MapLibreMap;
  #bands: Band[];
  #shown = "";
  #over = "";
  #marks: Marker[] = [];

  constructor(box: HTMLElement, private stage: CoverageMap) {
    this.#bands = JSON.parse(stage.dataset.bands ?? "[]") as Band[];
    this.#map = openMap(box, this.#style(), { padding: 8, label: stage.dataset.label ?? "" });
    box.append(mapTools(this.#map, stage.dataset, () => this.#map.fitBounds(REGION, { padding: 8, animate: false })));
    this.#map.on("style.load", () => void nameQuartiers(this.#map, stage.dataset.lang ?? "fr"));
    this.#map.once("idle", () => this.#uncover());
    this.#map.on("mousemove", (event) => this.#moved(event));
    this.#map.on("mouseout", () => this.stage.tell(""));
    this.#map.on("click", (event) => {
      this.#moved(event);
      if ("pick" in stage.dataset) this.#pick(event);
    });
    followTheme(this.#map, () => this.#map.setStyle(this.#style(), { diff: false }));
  }

  /** Bring the map in step with the page: another walker or theme has other minutes. */
  show(): void {
    this.#map.resize();
    if (this.#shown !== this.#asked()) this.#map.setStyle(this.#style(), { diff: true });
    this.#uncover();
  }

  /** Numbered marks of what is tried out. */
  mark(places: { lon: number; lat: number; label: string }[]): void {
    for (const each of this.#marks) each.remove();
    this.#marks = places.map(({ lon, lat, label }) => {
      const element = Object.assign(document.createElement("div"), { className: "map-letter tried", textContent: label, ariaHidden: "true" });
      return new Marker({ element }).setLngLat([lon, lat]).addTo(this.#map);
    });
  }

  remove(): void {
    this.#map.remove();
  }

  light(code: string): void {
    if (code === this.#over || !this.#map.getLayer("limits")) return;
    this.#over = code;
    const zone = code ? { kind: this.stage.dataset.kind ?? "", code } : null;
    for (const [layer, filter] of focusFilters(zone)) this.#map.setFilter(layer, filter);
  }

  /** Take the drawing's place; said again after each answer, for that brings the server's attributes back. */
  #uncover(): void {
    this.stage.dataset.state = "live";
  }

  #asked(): string {
    return [this.stage.dataset.tiles, this.stage.dataset.services].join();
  }

  #style(): StyleSpecification {
    const { background, lang = "fr", tiles = "", services = "", group = "" } = this.stage.dataset;
    this.#shown = this.#asked();
    const style = groundStyle(background, lang);
    const roads = new Set(["minor", "paths", "lanes", "streets", "avenues"]);
    const ground = style.layers.filter(({ id }) => !roads.has(id) && id !== "names" && id !== "stations");
    const names = style.layers.filter(({ id }) => id === "names" || id === "stations");
    const source = (address: string, maxzoom: number) => ({ type: "vector" as const, tiles: [location.origin + address], maxzoom });
    const dots: LayerSpecification = {
      id: "services",
      type: "circle",
      source: "services",
      "source-layer": "services",
      minzoom: 12,
      paint: {
        "circle-radius": ["interpolate", ["linear"], ["zoom"], 12, 2.5, 14, 4.5, 16, 7],
        "circle-color": colour("card"),
        "circle-stroke-color": colour(group) || colour("ink"),
        "circle-stroke-width": ["interpolate", ["linear"], ["zoom"], 12, 1.5, 16, 3],
      },
    };
    return {
      ...style,
      sources: { ...style.sources, minutes: source(tiles, 15), ...(services && { services: source(services, 14) }) },
      layers: [...ground, ...this.#bands.map(streets), ...(services ? [dots] : []), ...names],
    };
  }

  /** What the pointer is near, in words: the street and its minutes; from far, its band. */
  #moved({ point }: MapMouseEvent): void {
    const box: [[number, number], [number, number]] = [[point.x - REACH_PX, point.y - REACH_PX], [point.x + REACH_PX, point.y + REACH_PX]];
    const layers = this.#bands.map(({ place }) => `band-${place}`).filter((id) => this.#map.getLayer(id));
    const found = this.#map.queryRenderedFeatures(box, { layers })[0]?.properties;
    if (!found) return this.stage.tell("");
    const band = this.#bands.find(({ place }) => place === found["band"])?.words ?? "";
    const [first, second] = this.stage.dataset.lang === "nl" ? ["name_nl", "name_fr"] : ["name_fr", "name_nl"];
    const name = String(found[first!] ?? found[second!] ?? "");
    const minutes = found["minutes"] === undefined ? band : (this.stage.dataset.minutes ?? "%").replace("%", String(found["minutes"]));
    this.stage.tell(name ? `${name} – ${minutes}` : minutes);
  }

  /** A touch of the map says which place is meant, or which service: a form beside it takes it. */
  #pick({ point, lngLat }: MapMouseEvent): void {
    const box: [[number, number], [number, number]] = [[point.x - REACH_PX, point.y - REACH_PX], [point.x + REACH_PX, point.y + REACH_PX]];
    const layers = ["services"].filter((id) => this.#map.getLayer(id));
    const service = this.#map.queryRenderedFeatures(box, { layers })[0]?.properties["id"] as string | undefined;
    const detail = { lon: Number(lngLat.lng.toFixed(6)), lat: Number(lngLat.lat.toFixed(6)), service };
    this.stage.dispatchEvent(new CustomEvent("pick", { detail, bubbles: true }));
  }
}

/** The streets of one band; far ones lie on top, for it is them that the map is looked at for. */
function streets({ place, width_px, dashed }: Band): LayerSpecification {
  return {
    id: `band-${place}`,
    type: "line",
    source: "minutes",
    "source-layer": "minutes",
    filter: ["==", ["get", "band"], place],
    layout: { "line-cap": dashed ? "butt" : "round", "line-join": "round" },
    paint: {
      "line-color": colour(`minutes-${place}`),
      "line-width": ["interpolate", ["exponential", 1.4], ["zoom"], 10, width_px * 0.55, 12, width_px, 16, width_px * 3],
      ...(dashed && { "line-dasharray": [2, 2] }),
    },
  };
}
