import { type GeoJSONSource, type Map as MapLibreMap, Marker } from "maplibre-gl";
import type { ServiceMap } from "./service-map";

const GROUPS = ["health", "mind", "social", "home", "daily", "local"];
const SOURCE = "services";
const PAGE = "/ogc/collections/services/items?limit=1000";

interface Page {
  features: GeoJSON.Feature[];
  links: { rel: string; href: string }[];
}

/** All services of the region, gathered into rings that show how many there are of each group. */
export class Clusters {
  #markers = new Map<string, Marker>();
  #wanted = false;
  #loaded: Promise<GeoJSON.Feature[]> | undefined;

  constructor(
    private map: MapLibreMap,
    private stage: ServiceMap,
  ) {
    map.on("moveend", () => this.#update());
    map.on("sourcedata", (event) => event.sourceId === SOURCE && event.isSourceLoaded && this.#update());
  }

  async show(wanted: boolean): Promise<void> {
    this.#wanted = wanted;
    if (!wanted) return this.#clear();
    this.#loaded ??= readAll();
    const features = await this.#loaded;
    // Before the style is there, nothing can be added; its own event asks again.
    if (!this.#wanted || !this.map.getLayer("limits")) return;
    if (!this.map.getSource(SOURCE)) this.#addSource(features);
    this.#update();
  }

  #addSource(features: GeoJSON.Feature[]): void {
    const count = (group: string) => ["+", ["case", ["==", ["get", "theme_group"], group], 1, 0]];
    this.map.addSource(SOURCE, {
      type: "geojson",
      data: { type: "FeatureCollection", features },
      cluster: true,
      clusterRadius: 56,
      clusterMaxZoom: 17,
      clusterProperties: Object.fromEntries(GROUPS.map((group) => [group, count(group)])),
    });
    // A source without a layer is never loaded.
    this.map.addLayer({ id: SOURCE, type: "circle", source: SOURCE, paint: { "circle-opacity": 0, "circle-radius": 1 } });
  }

  #clear(): void {
    for (const marker of this.#markers.values()) marker.remove();
    this.#markers.clear();
  }

  #update(): void {
    if (!this.#wanted || !this.map.getSource(SOURCE)) return;
    const seen = new Set<string>();
    for (const feature of this.map.querySourceFeatures(SOURCE)) {
      const place = (feature.geometry as GeoJSON.Point).coordinates as [number, number];
      const key = `${place[0].toFixed(5)},${place[1].toFixed(5)},${feature.properties.point_count ?? 1}`;
      seen.add(key);
      if (!this.#markers.has(key)) {
        this.#markers.set(key, new Marker({ element: this.#element(feature.properties, place) }).setLngLat(place).addTo(this.map));
      }
    }
    for (const [key, marker] of this.#markers) {
      if (!seen.has(key)) {
        marker.remove();
        this.#markers.delete(key);
      }
    }
  }

  #element(properties: Record<string, unknown>, place: [number, number]): HTMLElement {
    return properties.cluster ? this.#ring(properties, place) : this.#single(properties);
  }

  #ring(properties: Record<string, unknown>, place: [number, number]): HTMLButtonElement {
    const button = document.createElement("button");
    const total = Number(properties.point_count);
    button.type = "button";
    button.className = "cluster";
    button.innerHTML = `<svg viewBox="0 0 44 44" aria-hidden="true"><circle class="ground" cx="22" cy="22" r="20"/>${arcs(properties, total)}</svg>`;
    button.append(Object.assign(document.createElement("span"), { textContent: String(total) }));
    button.setAttribute("aria-label", `${total} ${this.stage.dataset.services ?? ""}`);
    button.addEventListener("click", () => void this.#zoom(Number(properties.cluster_id), place));
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

  async #zoom(cluster: number, center: [number, number]): Promise<void> {
    const source = this.map.getSource(SOURCE) as GeoJSONSource;
    this.map.easeTo({ center, zoom: await source.getClusterExpansionZoom(cluster) });
  }
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

async function readAll(): Promise<GeoJSON.Feature[]> {
  const features: GeoJSON.Feature[] = [];
  for (let next: string | undefined = PAGE; next; ) {
    const answer = await fetch(next);
    if (!answer.ok) break;
    const page = (await answer.json()) as Page;
    features.push(...page.features);
    const href: string | undefined = page.links.find((link) => link.rel === "next")?.href;
    // The link names the public address; the page may be read through another one.
    next = href && new URL(href, location.origin).pathname + new URL(href, location.origin).search;
  }
  return features;
}
