import { type GeoJSONSource, type Map as MapLibreMap, Marker } from "maplibre-gl";
import type { ServiceMap } from "./service-map";

const GROUPS = ["health", "mind", "social", "home", "daily", "local"];
/** What the server tells of services in sight: each by itself, or counted by cell where they are many. */
const TOLD = "services-told";
/** The same gathered into rings, as far apart as fingers need. */
const GATHERED = "services-gathered";
const ADDRESS = "/ogc/collections/services/tiles/WebMercatorQuad/{z}/{y}/{x}";
/** From here on the server counts no more: each service has a tile's place of its own. */
const NAMED_FROM = 15;

/**
 * All services in sight, gathered into rings that show how many there are of each group.
 *
 * They come as tiles, so that a phone reads what it shows, however many there are in the region.
 */
export class Clusters {
  #markers = new Map<string, Marker>();
  /** By the same key; numbers of rings change whenever they are gathered anew. */
  #rings = new Map<string, number | undefined>();
  #wanted = false;
  #gathered = "";

  constructor(
    private map: MapLibreMap,
    private stage: ServiceMap,
  ) {
    // At rest, what earlier zooms left is gone, and what is in sight is all that is told.
    map.on("idle", () => {
      this.#gather();
      this.#draw();
    });
    map.on("sourcedata", ({ sourceId }) => {
      if (sourceId === TOLD) this.#gather();
      if (sourceId === GATHERED) this.#draw();
    });
  }

  show(wanted: boolean): void {
    this.#wanted = wanted;
    if (!wanted) return this.#clear();
    // Before the style is there, nothing can be added; its own event asks again.
    if (!this.map.getLayer("limits")) return;
    if (!this.map.getSource(TOLD)) this.#addSources();
    this.#gather();
  }

  #addSources(): void {
    this.map.addSource(TOLD, { type: "vector", tiles: [location.origin + ADDRESS], maxzoom: NAMED_FROM });
    this.map.addSource(GATHERED, {
      type: "geojson",
      data: { type: "FeatureCollection", features: [] },
      cluster: true,
      clusterRadius: 56,
      clusterMaxZoom: 17,
      clusterProperties: Object.fromEntries(["total", ...GROUPS].map((name) => [name, ["+", ["get", name]]])),
    });
    this.#gathered = "";
    // A source without a layer is never loaded.
    const unseen = { "circle-opacity": 0, "circle-radius": 1 };
    this.map.addLayer({ id: TOLD, type: "circle", source: TOLD, "source-layer": "services", paint: unseen });
    this.map.addLayer({ id: GATHERED, type: "circle", source: GATHERED, paint: unseen });
  }

  /** Once all tiles in sight are there, and not before: those of two zooms would count twice. */
  #gather(): void {
    if (!this.#wanted || !this.map.getSource(TOLD) || !this.map.isSourceLoaded(TOLD)) return;
    const found = new Map<string, GeoJSON.Feature>();
    for (const { geometry, properties } of this.map.querySourceFeatures(TOLD, { sourceLayer: "services" })) {
      const [lon, lat] = (geometry as GeoJSON.Point).coordinates as [number, number];
      // Near the edge of a tile, its neighbour tells the service too.
      const key = `${String(properties.id)},${lon.toFixed(4)},${lat.toFixed(4)}`;
      found.set(key, { type: "Feature", geometry, properties: counted(properties) });
    }
    const all = [...found.keys()].sort().join();
    if (all === this.#gathered) return;
    this.#gathered = all;
    void (this.map.getSource(GATHERED) as GeoJSONSource).setData({ type: "FeatureCollection", features: [...found.values()] });
  }

  /** Without its layers a source reads no more tiles. */
  #clear(): void {
    for (const marker of this.#markers.values()) marker.remove();
    this.#markers.clear();
    for (const id of [TOLD, GATHERED]) {
      if (this.map.getLayer(id)) this.map.removeLayer(id);
      if (this.map.getSource(id)) this.map.removeSource(id);
    }
  }

  #draw(): void {
    if (!this.#wanted || !this.map.getSource(GATHERED) || !this.map.isSourceLoaded(GATHERED)) return;
    const seen = new Set<string>();
    this.#rings.clear();
    for (const feature of this.map.querySourceFeatures(GATHERED)) {
      const place = (feature.geometry as GeoJSON.Point).coordinates as [number, number];
      const key = `${place[0].toFixed(5)},${place[1].toFixed(5)},${feature.properties.total}`;
      seen.add(key);
      this.#rings.set(key, feature.properties.cluster_id as number | undefined);
      if (!this.#markers.has(key)) {
        this.#markers.set(key, new Marker({ element: this.#element(key, feature.properties, place) }).setLngLat(place).addTo(this.map));
      }
    }
    for (const [key, marker] of this.#markers) {
      if (!seen.has(key)) {
        marker.remove();
        this.#markers.delete(key);
      }
    }
  }

  #element(key: string, properties: Record<string, unknown>, place: [number, number]): HTMLElement {
    return Number(properties.total) > 1 ? this.#ring(key, properties, place) : this.#single(properties);
  }

  #ring(key: string, properties: Record<string, unknown>, place: [number, number]): HTMLButtonElement {
    const button = document.createElement("button");
    const total = Number(properties.total);
    const lang = this.stage.dataset.lang ?? "fr";
    button.type = "button";
    button.className = total < 1000 ? "cluster" : "cluster many";
    button.innerHTML = `<svg viewBox="0 0 44 44" aria-hidden="true"><circle class="ground" cx="22" cy="22" r="20"/>${arcs(properties, total)}</svg>`;
    button.append(Object.assign(document.createElement("span"), { textContent: short(total, lang) }));
    button.setAttribute("aria-label", `${total.toLocaleString(lang)} ${this.stage.dataset.services ?? ""}`);
    button.addEventListener("click", () => void this.#zoom(key, place));
    return button;
  }

  #single(properties: Record<string, unknown>): HTMLAnchorElement {
    const lang = this.stage.dataset.lang ?? "fr";
    const link = document.createElement("a");
    link.className = `dot-pin ${String(properties.theme_group)}`;
    link.href = `/${lang}/services/${String(properties.id)}`;
    const name = properties[`name_${lang}`] ?? properties.name_fr ?? properties.name_nl ?? this.stage.dataset.service;
    link.title = String(name);
    link.setAttribute("aria-label", String(name));
    return link;
  }

  /** Come near enough to tell apart what a ring holds; of a cell, only the next tiles know. */
  async #zoom(key: string, center: [number, number]): Promise<void> {
    const source = this.map.getSource(GATHERED) as GeoJSONSource;
    const cluster = this.#rings.get(key);
    const zoom = cluster === undefined ? this.map.getZoom() + 2 : await source.getClusterExpansionZoom(cluster);
    this.map.easeTo({ center, zoom });
  }
}

/** What fits into a ring: "4402", "12 k". */
function short(total: number, lang: string): string {
  return total < 10_000 ? String(total) : total.toLocaleString(lang, { notation: "compact", maximumFractionDigits: 0 });
}

/** A service, or a cell of many, with how many it stands for, in all and of each group. */
function counted(properties: Record<string, unknown>): Record<string, unknown> {
  const total = Number(properties.point_count ?? 1);
  const alone = (group: string) => (properties.theme_group === group ? 1 : 0);
  const ofGroup = (group: string) => (total > 1 ? Number(properties[`count_${group}`] ?? 0) : alone(group));
  return { ...properties, total, ...Object.fromEntries(GROUPS.map((group) => [group, ofGroup(group)])) };
}

function arcs(properties: Record<string, unknown>, total: number): string {
  const round = 2 * Math.PI * 18;
  let start = 0;
  return GROUPS.map((group) => {
    const length = (Number(properties[group] ?? 0) / total) * round;
    const arc = length ? `<circle class="${group}" cx="22" cy="22" r="18" stroke-dasharray="${length} ${round}" stroke-dashoffset="${-start}"/>` : "";
    start += length;
    return arc;
  }).join("");
}
